"""Counts that operations looks at to decide when the vocabulary is out of date."""

from collections import Counter
from collections.abc import Iterable

UNKNOWN_WORDS: Counter[str] = Counter()


def record_unknown(words: Iterable[str]) -> None:
    """Count words that the vocabulary does not hold."""
    UNKNOWN_WORDS.update(words)


def most_common_unknown(limit: int = 5) -> list[tuple[str, int]]:
    """The unknown words seen most often since the process started."""
    return UNKNOWN_WORDS.most_common(limit)
