"""`tpkg-lint rule`: what a rule means."""

import argparse
import inspect
import json
import sys
from typing import Any

from tpkg_analyzer.cli.help import OneLineEach
from tpkg_analyzer.cli.spelling import add_output_format
from tpkg_analyzer.cli.status import CLEAN
from tpkg_analyzer.config.errors import ConfigError, suggest
from tpkg_analyzer.rule.registry import all_rules, rule_called
from tpkg_analyzer.rule.rule import Rule


def arguments() -> argparse.ArgumentParser:
    """Return the options of the command."""
    made = argparse.ArgumentParser(
        prog="tpkg-lint rule", description="Explain one rule, or list all of them.", formatter_class=OneLineEach
    )
    made.add_argument("rule", nargs="?", metavar="CODE", help="a code or a name; without it, all rules are listed")
    made.add_argument("--all", action="store_true", help="explain all rules")
    add_output_format(made, ("text", "json"), default="text", help="how rules are printed")
    return made


def run(words: list[str]) -> int:
    """Print what was asked for. Raises ConfigError for an unknown rule."""
    options = arguments().parse_args(words)
    rules = all_rules()
    if options.rule is not None:
        found = rule_called(options.rule)
        if found is None:
            known = [name for rule in rules for name in (rule.code, rule.name)]
            hint = suggest(options.rule, known) or "`tpkg-lint rule` lists all rules"
            raise ConfigError(f"there is no rule `{options.rule}`", hint=hint)
        rules = (found,)
    is_listing = options.rule is None and not options.all
    if options.output_format == "json":
        sys.stdout.write(json.dumps([_as_json(rule) for rule in rules], indent=2) + "\n")
    elif is_listing:
        for rule in rules:
            print(f"{rule.code}  {rule.severity.value:<8} {rule.name:<28} {_summary(rule)}")
    else:
        sys.stdout.write("\n".join(f"# {rule.code} {rule.name}\n\n{document(rule)}\n" for rule in rules))
    return CLEAN


def document(rule: Rule) -> str:
    """Return the rule's document, in Markdown."""
    return inspect.getdoc(type(rule)) or ""


def _summary(rule: Rule) -> str:
    return document(rule).partition("\n")[0]


def _as_json(rule: Rule) -> dict[str, Any]:
    return {
        "code": rule.code,
        "name": rule.name,
        "severity": rule.severity.value,
        "since": rule.since,
        "summary": _summary(rule),
        "document": document(rule),
    }
