"""A comment that keeps no finding quiet, as rules see it."""

from dataclasses import dataclass

from tpkg_runtime.spec.source import Span


@dataclass(frozen=True, slots=True)
class UnusedSuppression:
    """A suppression with the words in it that nothing answers to, none where it has no words at all.

    `removed` is replaced by `text` where the comment is to say no more than it has to.
    """

    span: Span
    words: tuple[str, ...]
    unknown: tuple[str, ...]
    """Those of the words that are no code, prefix or name of a rule."""
    removed: Span
    text: str
    fault: str = ""
    """Why the comment covers nothing, where it is misspelled."""
