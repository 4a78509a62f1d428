"""Little projects written in Markdown: files in fences, expectations in comments on the lines that they are about.

A fence "```python a/b.py" is a file, "```toml" the configuration. "```python fixed a/b.py" is what the file has to be
after all its fixes, as it was where there is none. A heading starts a scenario, which inherits the files of the
headings above it.
A comment `# error: [TPK101] "text"` expects a finding on its line, with its severity, and the text in its message.
"""

import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from markdown_it import MarkdownIt

from tpkg_analyzer.analyze.fixes import Fixed
from tpkg_analyzer.model.diagnostic import Diagnostic
from tpkg_analyzer.rule.rule import Rule
from tpkg_analyzer.session.fixing import findings_of, fix_project
from tpkg_analyzer.session.projects import find_projects, open_project

CONFIG_NAMES = {True: "pyproject.toml", False: "tpkg-lint.toml"}
EXPECTED = re.compile(r'#\s*(?P<severity>error|warning|info|hint):\s*\[(?P<rule>[\w-]+)\](?:\s*"(?P<text>[^"]*)")?')


@dataclass(frozen=True)
class Scenario:
    """One project: its title, the line of its heading, its files and what they are to be after fixing."""

    title: str
    line: int
    files: dict[str, str] = field(default_factory=dict)
    fixed: dict[str, str] = field(default_factory=dict)

    def write(self, folder: Path) -> None:
        """Put the files into a folder."""
        for name, text in self.files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")

    def expected(self) -> set[tuple[str, int, str, str, str]]:
        """Return path, line, severity, rule and part of the message of each expectation."""
        return {
            (name, number, found["severity"], found["rule"], found["text"] or "")
            for name, text in self.files.items()
            for number, line in enumerate(text.split("\n"), 1)
            for found in EXPECTED.finditer(line)
        }


def scenarios_in(markdown: str) -> Iterator[Scenario]:
    """Yield the scenarios of a page that have a file of their own."""
    inherited: dict[int, dict[str, str]] = {0: {}}
    current: Scenario | None = None
    level = 0
    tokens = MarkdownIt().parse(markdown)
    for position, token in enumerate(tokens):
        if token.type == "heading_open":
            if current is not None and level:
                yield from _complete(current, inherited, level)
            level = int(token.tag[1])
            inherited = {depth: files for depth, files in inherited.items() if depth < level}
            current = Scenario(tokens[position + 1].content, (token.map or [0])[0] + 1)
        elif token.type == "fence" and current is not None:
            language, _, name = token.info.partition(" ")
            if name.startswith("fixed "):
                current.fixed[name.removeprefix("fixed ")] = token.content
            elif language in ("python", "toml"):
                is_table = "[tool.tpkg-lint" in token.content
                path = name or ("main.py" if language == "python" else CONFIG_NAMES[is_table])
                current.files[path] = token.content
                inherited.setdefault(level, {})[path] = token.content
    if current is not None:
        yield from _complete(current, inherited, level)


def checks(rule: Rule) -> bool:
    """Tell whether a rule looks at anything; the others stand for what the tool says of itself."""
    every = ("check_file", "check_module", "check_closure", "check_suppressions")
    return any(rule.overrides(check) for check in every)


def findings_in(folder: Path) -> list[Diagnostic]:
    """Return all findings of the projects at and below a folder, as `tpkg-lint check` does."""
    found = []
    for project in find_projects([folder]):
        found += findings_of(open_project(project, sys.executable), project.files)
    return found


def fixed_in(folder: Path) -> list[Fixed]:
    """Return what all fixes, safe and unsafe, make of each project at and below a folder."""
    projects = find_projects([folder])
    return [fix_project(open_project(project, sys.executable), project.files, unsafe=True) for project in projects]


def mismatches(scenario: Scenario, found: list[Diagnostic], folder: Path) -> list[str]:
    """Say what was expected and not found, and what was found and not expected."""
    left = list(found)
    problems = []
    for name, line, severity, rule, text in sorted(scenario.expected()):
        match = next(
            (
                item
                for item in left
                if item.path == folder / name
                and item.span.line == line
                and rule in (item.code, item.name)
                and text in item.message
            ),
            None,
        )
        if match is None:
            problems.append(f"{name}:{line}: expected {severity} [{rule}] {text!r}, not found")
            continue
        left.remove(match)
        if match.severity.value != severity:
            problems.append(f"{name}:{line}: [{rule}] is {match.severity.value}, expected {severity}")
    for item in left:
        place = f"{item.path.relative_to(folder)}:{item.span.line}:{item.span.column}"
        problems.append(f"{place}: unexpected {item.severity.value} [{item.code} {item.name}] {item.message}")
    return problems


def _complete(current: Scenario, inherited: dict[int, dict[str, str]], level: int) -> Iterator[Scenario]:
    if level == 1 or not any(name.endswith(".py") for name in current.files):
        return  # what stands under the title is for all scenarios
    files = {name: text for depth in sorted(inherited) if depth < level for name, text in inherited[depth].items()}
    yield Scenario(current.title, current.line, {**files, **current.files}, current.fixed)
