"""What the command line of `tpkg-lint check` says of settings, above what the configuration says."""

import argparse
import os
from pathlib import Path
from typing import Any

import msgspec

from tpkg_analyzer.config.errors import ConfigError, suggest
from tpkg_analyzer.config.schema import Settings
from tpkg_analyzer.render.formats.registry import FORMATS

_FORMAT_VARIABLE = "TPKG_LINT_OUTPUT_FORMAT"


def add_rule_options(parser: argparse.ArgumentParser) -> None:
    """Add the options about which rules run; each may be given several times."""
    group = parser.add_argument_group("rules")
    for names, text in (
        (["--select"], "only these codes, prefixes or names, separated by commas"),
        (["--extend-select"], "these as well"),
        (["--ignore", "--extend-ignore"], "all but these"),
    ):
        group.add_argument(*names, type=_words, action="extend", metavar="RULES", help=text)


def with_options(settings: Settings, options: argparse.Namespace) -> Settings:
    """Return the settings that hold under these options. Raises ConfigError for an unknown format in the environment.

    What is selected takes the place of both lists of the configuration; what is added or ignored joins them.
    """
    values: dict[str, Any] = {}
    if options.select is not None:
        values["select"], values["extend_select"] = tuple(options.select), ()
    if options.extend_select is not None:
        values["extend_select"] = (*values.get("extend_select", settings.extend_select), *options.extend_select)
    if options.ignore is not None:
        values["ignore"] = (*settings.ignore, *options.ignore)
    if options.fail_on is not None:
        values["fail_on"] = options.fail_on
    if options.baseline is not None:
        values["baseline"] = str(Path(options.baseline).absolute())
    if name := options.output_format or _format_of_environment():
        values["output_format"] = name
    return msgspec.structs.replace(settings, **values)


def _format_of_environment() -> str | None:
    name = os.environ.get(_FORMAT_VARIABLE)
    if name and name not in FORMATS:
        raise ConfigError(f"{_FORMAT_VARIABLE}: there is no format `{name}`", hint=suggest(name, FORMATS))
    return name


def _words(text: str) -> tuple[str, ...]:
    words = tuple(word.strip() for word in text.split(",") if word.strip())
    if not words:
        raise argparse.ArgumentTypeError(f"`{text}` names no rule")
    return words
