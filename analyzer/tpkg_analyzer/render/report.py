"""What a check found, ready to be rendered in any format."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import blake2b
from pathlib import Path

from tpkg_analyzer.model.diagnostic import Diagnostic
from tpkg_analyzer.model.links import rule_url
from tpkg_analyzer.render.paths import shown
from tpkg_analyzer.render.printable import in_one_line
from tpkg_analyzer.render.style import PLAIN, Style
from tpkg_analyzer.sources.notebooks import SUFFIX, CellPlace, place_in
from tpkg_runtime.spec.source import START, Span

Lines = Callable[[Path], Sequence[str]]
"""Gives the lines of a file, none where it cannot be read."""


@dataclass(frozen=True, slots=True)
class RuleText:
    """What formats say of a rule: `summary` is its first sentence, `document` all of it in Markdown."""

    code: str
    name: str
    severity: str
    summary: str
    document: str
    url: str | None


@dataclass(frozen=True, slots=True)
class Report:
    """The findings of one run, sorted, with paths relative to `base` and the counts of files."""

    findings: tuple[Diagnostic, ...]
    base: Path
    lines: Lines
    rules: Callable[[], Mapping[str, RuleText]]
    """Gives what there is to say of the rules, by code; asked only by formats that carry it."""
    checked: int
    skipped: int
    version: str
    style: Style = PLAIN

    def path(self, path: Path) -> str:
        """Return a path as programs read it."""
        return shown(path, self.base)

    def printed(self, path: Path) -> str:
        """Return a path in one line of plain text, whatever its name holds."""
        return in_one_line(self.path(path))

    def place(self, path: Path, span: Span) -> str:
        """Return `path:line:column`, in a notebook `path:cell number:line:column`."""
        return f"{self.printed(path)}:{self.inner_place(path, span)}"

    def inner_place(self, path: Path, span: Span) -> str:
        """Return the place in the file without its path."""
        at = self.cell(path, span.line)
        return f"cell {at.cell}:{at.line}:{span.column}" if at else f"{span.line}:{span.column}"

    def cell(self, path: Path, line: int) -> CellPlace | None:
        """Return where a line of a notebook lies; None in other files."""
        return place_in(self.lines(path), line) if path.suffix == SUFFIX else None

    def by_files(self) -> "Report":
        """Return the report for formats that know files only: findings of notebooks say their cell in the message."""
        return replace(self, findings=tuple(map(self._without_cells, self.findings)))

    def _without_cells(self, finding: Diagnostic) -> Diagnostic:
        if all(path.suffix != SUFFIX for path in (finding.path, *(place.path for place in finding.related))):
            return finding
        related = tuple(
            replace(at, span=START, message=f"{self.inner_place(at.path, at.span)}: {at.message}")
            if at.path.suffix == SUFFIX
            else at
            for at in finding.related
        )
        if finding.path.suffix != SUFFIX:
            return replace(finding, related=related)
        message = f"{self.inner_place(finding.path, finding.span)}: {finding.message}"
        return replace(finding, span=START, message=message, related=related, fix=None)

    def url(self, finding: Diagnostic) -> str | None:
        """Return the page of the finding's rule."""
        return rule_url(finding.name)

    def fingerprinted(self) -> Iterator[tuple[Diagnostic, str]]:
        """Yield each finding with its fingerprint: the same in all formats, and when lines move."""
        seen: Counter[tuple[str, ...]] = Counter()
        for finding in self.findings:
            identity = (*finding.identity, self.path(finding.path))
            seen[identity] += 1
            text = "\0".join((*identity, str(seen[identity])))
            yield finding, blake2b(text.encode(errors="backslashreplace"), digest_size=16).hexdigest()
