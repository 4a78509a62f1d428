"""Comments that keep findings quiet: `# tpkg: ignore[TPK201]`, `# tpkg: ignore-file[TPK3]`, `# noqa: TPK201`.

A comment is about the whole statement that it stands in or behind, and alone on a line about the statement below it.
`# tpkg: ignore-start[TPK201]` is about all lines up to `# tpkg: ignore-end`, or to the end of the file.
"""

import io
import re
import sys
import tokenize
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from difflib import get_close_matches

from tpkg_analyzer.model.diagnostic import Diagnostic
from tpkg_runtime.spec.source import Span

_COMMENT = re.compile(
    r"#\s*(?:tpkg:\s*(?P<kind>ignore-file|ignore-start|ignore-end|ignore)(?![\w-])"
    r"(?:\s*\[(?P<codes>[^\]#]+)\]|(?!\s*\[))(?:\s*--.*?(?=\s+#\s|$))?"
    r"|tpkg:\s*(?P<wrong>[a-z][\w-]*)(?P<rest>\s*\[\s*\]?)?"
    r"|noqa:\s*(?P<noqa>[A-Z]+\d+(?:[,\s]+[A-Z]+\d+)*))",
    re.IGNORECASE,
)
_OURS = re.compile(r"tpkg:|noqa:[^\n]*TPK", re.IGNORECASE)
_OWN = re.compile(r"TPK\d*", re.IGNORECASE)
_KINDS = ("ignore", "ignore-file", "ignore-start", "ignore-end")


@dataclass(frozen=True, slots=True)
class Suppression:
    """One comment: the lines that it covers (none for the whole file), and codes, prefixes or names; none for all.

    `span` is its place, `listed` that of the words in it, `others` are words of a noqa that are not ours, `is_alone`
    says that nothing else is on its line, and `fault` why a comment that was meant to be one covers nothing.
    """

    lines: range | None
    words: tuple[str, ...]
    span: Span
    listed: Span | None = None
    others: tuple[str, ...] = ()
    is_alone: bool = False
    kind: str = "ignore"
    fault: str = ""

    def covers(self, diagnostic: Diagnostic) -> bool:
        """Tell whether the comment is about a finding."""
        if not self.is_near(diagnostic):
            return False
        return not self.words or any(answers(diagnostic, word) for word in self.words)

    def is_near(self, diagnostic: Diagnostic) -> bool:
        """Tell whether the comment covers the line of a finding."""
        return self.lines is None or diagnostic.span.line in self.lines


def answers(diagnostic: Diagnostic, word: str) -> bool:
    """Tell whether a finding has this code, prefix of codes or name."""
    return diagnostic.code.startswith(word.upper()) or diagnostic.name == word.lower()


def suppressions_in(source: str, *, is_python: bool = True) -> tuple[Suppression, ...]:
    """Return the suppressions of a source; outside Python each is about its line."""
    if not _OURS.search(source):
        return ()
    return tuple(_paired(_read(source) if is_python else _read_lines(source)))


def unsuppressed(diagnostics: Iterable[Diagnostic], suppressions: tuple[Suppression, ...]) -> Iterator[Diagnostic]:
    """Yield the findings that no comment is about."""
    for diagnostic in diagnostics:
        if not any(suppression.covers(diagnostic) for suppression in suppressions):
            yield diagnostic


def _paired(found: Iterable[Suppression]) -> Iterator[Suppression]:
    """Let each `ignore-start` reach to the next `ignore-end` that is not another's; an end without a start stays."""
    open_starts: list[Suppression] = []
    for item in found:
        if item.kind == "ignore-start":
            open_starts.append(item)
        elif item.kind == "ignore-end" and open_starts:
            start = open_starts.pop()
            yield replace(start, lines=range(start.span.line, item.span.line + 1))
        else:
            yield item
    for start in open_starts:
        yield replace(start, lines=range(start.span.line, sys.maxsize))


def _read(source: str) -> Iterator[Suppression]:
    waiting: list[tuple[re.Match[str], Span, bool]] = []
    first, depth, is_between = 1, 0, True
    try:
        for token in tokenize.generate_tokens(io.StringIO(source).readline):
            if token.type == tokenize.COMMENT:
                is_alone = not token.line[: token.start[1]].strip()
                waiting += [(found, _place(token, found), is_alone) for found in _COMMENT.finditer(token.string)]
            elif token.type == tokenize.OP and token.string in "([{":
                depth += 1
            elif token.type == tokenize.OP and token.string in ")]}":
                depth -= 1
            if token.type not in (tokenize.COMMENT, tokenize.NL, tokenize.INDENT, tokenize.DEDENT, tokenize.NEWLINE):
                is_between = False
            is_blank = token.type == tokenize.NL and depth == 0 and is_between and not token.line.strip()
            if token.type == tokenize.NEWLINE or is_blank or token.type == tokenize.ENDMARKER:
                for found, span, is_alone in waiting:
                    yield from _suppression(found, span, range(first, token.start[0] + 1), is_alone=is_alone)
                waiting.clear()
                first, is_between = token.start[0] + 1, True
    except (tokenize.TokenError, SyntaxError):
        return


def _read_lines(source: str) -> Iterator[Suppression]:
    for number, line in enumerate(source.split("\n"), 1):
        for found in _COMMENT.finditer(line):
            span = Span(number, found.start() + 1, number, found.end() + 1)
            yield from _suppression(found, span, range(number, number + 1), is_alone=not line[: found.start()].strip())


def _place(token: tokenize.TokenInfo, found: re.Match[str]) -> Span:
    line, column = token.start
    return Span(line, column + found.start() + 1, line, column + found.end() + 1)


def _suppression(found: re.Match[str], span: Span, lines: range, *, is_alone: bool) -> Iterator[Suppression]:
    if found["noqa"]:
        named = re.split(r"[,\s]+", found["noqa"])
        words = tuple(word for word in named if _OWN.fullmatch(word))
        others = tuple(word for word in named if not _OWN.fullmatch(word))
        if words:
            yield Suppression(lines, words, span, _group(found, "noqa", span), others, is_alone)
        return
    if found["wrong"]:
        if fault := _fault(found["wrong"].lower(), found["rest"] or ""):
            yield Suppression(range(0), (), span, is_alone=is_alone, fault=fault)
        return
    words = tuple(word.strip() for word in (found["codes"] or "").split(",") if word.strip())
    kind = found["kind"].lower()
    covered = {"ignore-file": None, "ignore-end": range(0)}.get(kind, lines)
    words = () if kind == "ignore-end" else words
    yield Suppression(covered, words, span, _group(found, "codes", span), (), is_alone, kind)


def _fault(word: str, rest: str) -> str:
    """Return what is wrong with a comment of ours; nothing where it was hardly meant to keep findings quiet."""
    if word in _KINDS:
        return "the brackets name no rule" if rest.endswith("]") else "the bracket is not closed"
    near = get_close_matches(word, _KINDS, n=1, cutoff=0.75)
    return f"`{word}` is written `{near[0]}`" if near else ""


def _group(found: re.Match[str], name: str, span: Span) -> Span | None:
    if found[name] is None:
        return None
    begin = span.column + found.start(name) - found.start()
    return Span(span.line, begin, span.line, begin + len(found[name]))
