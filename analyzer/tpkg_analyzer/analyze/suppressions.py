"""Comments that keep findings quiet: `# tpkg: ignore[TPK201]`, `# tpkg: ignore-file[TPK3]`, `# noqa: TPK201`."""

import io
import re
import tokenize
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from tpkg_analyzer.model.diagnostic import Diagnostic

_COMMENT = re.compile(
    r"#\s*(?:tpkg:\s*(?P<kind>ignore-file|ignore)(?:\[(?P<codes>[^\]]*)\])?(?:\s*--.*)?"
    r"|noqa:\s*(?P<noqa>[A-Z]+\d+(?:[,\s]+[A-Z]+\d+)*))",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Suppression:
    """One comment: the lines that it covers (none for the whole file), and codes, prefixes or names; none for all."""

    lines: range | None
    words: tuple[str, ...]

    def covers(self, diagnostic: Diagnostic) -> bool:
        """Tell whether the comment is about a finding."""
        if self.lines is not None and diagnostic.span.line not in self.lines:
            return False
        if not self.words:
            return True
        return any(diagnostic.code.startswith(word.upper()) or diagnostic.name == word.lower() for word in self.words)


def suppressions_in(source: str) -> tuple[Suppression, ...]:
    """Return the suppressions of a source; a comment inside of a statement covers all lines of that statement."""
    lowered = source.lower()
    if "tpkg:" not in lowered and "noqa" not in lowered:
        return ()
    return tuple(_read(source))


def unsuppressed(diagnostics: Iterable[Diagnostic], suppressions: tuple[Suppression, ...]) -> Iterator[Diagnostic]:
    """Yield the findings that no comment is about."""
    for diagnostic in diagnostics:
        if not any(suppression.covers(diagnostic) for suppression in suppressions):
            yield diagnostic


def _read(source: str) -> Iterator[Suppression]:
    comments: list[re.Match[str]] = []
    first = 1
    try:
        for token in tokenize.generate_tokens(io.StringIO(source).readline):
            if token.type == tokenize.COMMENT and (found := _COMMENT.search(token.string)):
                comments.append(found)
            if token.type == tokenize.NEWLINE or (token.type == tokenize.NL and _stands_alone(token.line)):
                for comment in comments:
                    yield _suppression(comment, range(first, token.start[0] + 1))
                comments.clear()
                first = token.start[0] + 1
    except (tokenize.TokenError, SyntaxError):
        return


def _stands_alone(line: str) -> bool:
    """Tell whether a line without a statement ends here; other NL tokens stand inside of brackets."""
    return not line.strip() or line.lstrip().startswith("#")


def _suppression(found: re.Match[str], lines: range) -> Suppression:
    if found["noqa"]:
        words = tuple(re.split(r"[,\s]+", found["noqa"]))
    else:
        words = tuple(word.strip() for word in (found["codes"] or "").split(",") if word.strip())
    is_file = (found["kind"] or "").lower() == "ignore-file"
    return Suppression(None if is_file else lines, words)
