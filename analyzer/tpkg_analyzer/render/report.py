"""What a check found, ready to be rendered in any format."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path

from tpkg_analyzer.model.diagnostic import Diagnostic
from tpkg_analyzer.model.links import rule_url
from tpkg_analyzer.render.paths import shown
from tpkg_analyzer.render.style import PLAIN, Style

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
        """Return a path as it is shown."""
        return shown(path, self.base)

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
            yield finding, blake2b(text.encode(), digest_size=16).hexdigest()
