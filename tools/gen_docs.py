"""Write the generated part of docs/: the page of each rule, the keys of the configuration, the options of the commands.

`--check` writes nothing and fails where a page is not what it would write; a test runs it.
"""

import argparse
import importlib
import inspect
import json
import re
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from tpkg_analyzer.cli.commands import COMMANDS
from tpkg_analyzer.config.meanings import TABLES, json_schema, keys_of
from tpkg_analyzer.rule.registry import all_rules
from tpkg_analyzer.rule.rule import Rule
from tpkg_server.reference import page

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"
COMMAND = "make generate"

FAMILIES = {
    "TPK0": "The tool",
    "TPK1": "Closure and patterns",
    "TPK2": "Dynamic imports",
    "TPK3": "Global mutable state",
    "TPK4": "Types across the boundary",
    "TPK5": "Pickling and resources",
    "TPK6": "Code that behaves differently inside a package",
    "TPK7": "Loading and archives",
}
STATUSES = (
    (0, "no findings that count"),
    (1, "findings, or an export that would raise"),
    (2, "usage, configuration or internal error"),
    (130, "interrupted with Ctrl-C; `--watch` ends with 0 then"),
)
_UNNAMED_GROUPS = ("positional arguments", "options")
_FENCE_WITH_PATH = re.compile(r"^```(\w+) (\S+)$")


def main(arguments: Sequence[str] | None = None) -> int:
    """Write or check all pages and return the exit status."""
    parser = argparse.ArgumentParser(description="Write the generated part of docs/.")
    parser.add_argument("--check", action="store_true", help="write nothing; fail where a page is not current")
    options = parser.parse_args(arguments)
    pages = dict(all_pages())
    stale = sorted(path for path, text in pages.items() if not path.is_file() or path.read_text("utf-8") != text)
    left_over = sorted(set((DOCS / "rules").glob("*.md")) - set(pages))
    if options.check:
        for path in stale + left_over:
            print(f"{path.relative_to(ROOT)} is not current; run:  {COMMAND}", file=sys.stderr)
        return 1 if stale or left_over else 0
    for path in stale:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(pages[path], encoding="utf-8")
        print(f"wrote {path.relative_to(ROOT)}")
    for path in left_over:
        path.unlink()
        print(f"removed {path.relative_to(ROOT)}")
    return 0


def all_pages() -> Iterator[tuple[Path, str]]:
    """Yield the place and the text of each generated page."""
    rules = all_rules()
    yield DOCS / "rules" / "index.md", rules_index(rules)
    for rule in rules:
        yield DOCS / "rules" / f"{rule.name}.md", rule_page(rule)
    yield DOCS / "reference" / "configuration.md", configuration_page()
    yield DOCS / "reference" / "tpkg-lint.schema.json", json.dumps(json_schema(), indent=2) + "\n"
    yield DOCS / "reference" / "commands.md", commands_page()
    yield DOCS / "reference" / "language-server.md", page()


def rules_index(rules: Sequence[Rule]) -> str:
    """List all rules by family."""
    lines = [*_heading("Rules", "the docstrings of the rules")]
    lines += ["Each rule has a code, which is never used again for another rule, and a name.", ""]
    for prefix, title in FAMILIES.items():
        members = [rule for rule in rules if rule.code.startswith(prefix)]
        if members:
            lines += [f"## {prefix} {title}", "", "| code | name | severity | finding |", "|---|---|---|---|"]
            lines += [
                f"| {rule.code} | [{rule.name}]({rule.name}.md) | {rule.severity.value} | {_summary(rule)} |"
                for rule in members
            ]
            lines += [""]
    return "\n".join(lines).rstrip() + "\n"


def rule_page(rule: Rule) -> str:
    """Return the page of a rule: what its attributes say, then its docstring."""
    document = inspect.getdoc(type(rule)) or ""
    summary, _, body = document.partition("\n")
    facts = f"{rule.code} · {rule.severity.value} by default · since {rule.since}"
    page = [*_heading(rule.name, f"the docstring of `{type(rule).__name__}`"), facts, "", summary, ""]
    return "\n".join([*page, *_spaced(body.strip().splitlines())]).rstrip() + "\n"


def configuration_page() -> str:
    """Return the keys of the configuration, table by table."""
    lines = _heading("Configuration", "`tpkg_analyzer/config/schema.py`")
    lines += [
        "The configuration is the table `[tool.tpkg-lint]` of `pyproject.toml`,",
        "or the same without the prefix in `tpkg-lint.toml`.",
        "An unknown key or a wrong type ends the command with status 2.",
        "The nearest file above a checked file counts; `extend` names another one below it.",
        "`tpkg-lint config KEY` explains a key, `tpkg-lint check --show-settings` prints what holds.",
        "[tpkg-lint.schema.json](tpkg-lint.schema.json) is the JSON schema, for editors that complete TOML.",
        "",
    ]
    for title, table in TABLES.items():
        lines += [f"## `{title}`", "", inspect.getdoc(table) or "", ""]
        for key in keys_of(table):
            default = "required" if key.default is None else f"default `{key.default}`"
            lines += [f"### `{key.name.rpartition('.')[2]}`", "", f"{key.kind}, {default}.", "", key.meaning, ""]
    return "\n".join(lines).rstrip() + "\n"


def commands_page() -> str:
    """Return the options of each command."""
    lines = _heading("Commands", "the parsers of the commands")
    lines += ["`tpkg-lint` without a command checks: `tpkg-lint src` is `tpkg-lint check src`.", ""]
    lines += ["Results go to standard output, messages to standard error.", ""]
    lines += ["| status | meaning |", "|---|---|", *(f"| {status} | {meaning} |" for status, meaning in STATUSES), ""]
    for command, summary in COMMANDS.items():
        parser = command_parser(command)
        said = parser.description or f"{summary[0].upper()}{summary[1:]}."
        lines += [f"## `tpkg-lint {command}`", "", said, ""]
        lines += [line for group in parser._action_groups for line in _group_lines(group)]
    return "\n".join(lines).rstrip() + "\n"


def command_parser(command: str) -> argparse.ArgumentParser:
    """Return the parser of a command."""
    module = "tpkg_server.main" if command == "server" else f"tpkg_analyzer.cli.{command}"
    parser: argparse.ArgumentParser = importlib.import_module(module).arguments()
    return parser


def _group_lines(group: argparse._ArgumentGroup) -> list[str]:
    told = (action for action in group._group_actions if action.help is not argparse.SUPPRESS)
    actions = [action for action in told if "--help" not in action.option_strings]
    title = [] if group.title in _UNNAMED_GROUPS else [f"**{group.title}**", ""]
    return [*title, *map(_action_line, actions), ""] if actions else []


def _action_line(action: argparse.Action) -> str:
    """Describe an option by itself: the help that argparse prints differs from Python to Python."""
    choices = "{" + ",".join(map(str, action.choices)) + "}" if action.choices else action.dest.upper()
    value = action.metavar or choices
    takes_value = action.nargs != 0
    names = [f"{name} {value}" if takes_value else name for name in action.option_strings] or [str(value)]
    return f"- {', '.join(f'`{name}`' for name in names)}: {(action.help or '') % vars(action)}"


def _spaced(lines: Sequence[str]) -> Iterator[str]:
    """Put empty lines around headings and blocks of code, and the path of a block into its title."""
    is_code = False
    for number, line in enumerate(lines):
        is_fence = line.startswith("```")
        is_before = line.startswith("## ") or (is_fence and not is_code)
        is_after = line.startswith("## ") or (is_fence and is_code)
        if is_before and number and lines[number - 1]:
            yield ""
        yield _FENCE_WITH_PATH.sub(r'```\1 title="\2"', line)
        if is_after and number + 1 < len(lines) and lines[number + 1] and not _opens(lines[number + 1]):
            yield ""
        is_code = is_code != is_fence


def _opens(line: str) -> bool:
    return line.startswith(("```", "## "))


def _heading(title: str, source: str) -> list[str]:
    return [f"<!-- Generated by tools/gen_docs.py from {source}. -->", "", f"# {title}", ""]


def _summary(rule: Rule) -> str:
    return (inspect.getdoc(type(rule)) or "").partition("\n")[0]


if __name__ == "__main__":
    sys.exit(main())
