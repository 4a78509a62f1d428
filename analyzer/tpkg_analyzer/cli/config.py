"""`tpkg-lint config`: the keys of the configuration and what they mean."""

import argparse
import json
import sys
from dataclasses import asdict

from tpkg_analyzer.cli.help import OneLineEach
from tpkg_analyzer.cli.spelling import add_output_format
from tpkg_analyzer.cli.status import CLEAN
from tpkg_analyzer.config.errors import ConfigError, suggest
from tpkg_analyzer.config.meanings import TABLES, Key, json_schema, keys_of


def arguments() -> argparse.ArgumentParser:
    """Return the options of the command."""
    made = argparse.ArgumentParser(
        prog="tpkg-lint config",
        description="Explain keys of the configuration.",
        formatter_class=OneLineEach,
    )
    made.add_argument("key", nargs="?", metavar="KEY", help="a key, or the beginning of some; without it, all")
    add_output_format(made, ("text", "json"), default="text", help="how keys are printed")
    made.add_argument("--schema", action="store_true", help="print the JSON schema of the configuration")
    return made


def run(words: list[str]) -> int:
    """Print what was asked for. Raises ConfigError for an unknown key."""
    options = arguments().parse_args(words)
    if options.schema:
        print(json.dumps(json_schema(), indent=2))
        return CLEAN
    keys = [key for table in TABLES.values() for key in keys_of(table)]
    wanted = keys
    if options.key is not None:
        name = options.key.replace("_", "-").removeprefix("tool.tpkg-lint.")
        wanted = [key for key in keys if f"{key.name}.".startswith(f"{name}.")]
        wanted = wanted or [key for key in keys if key.name.startswith(name)]
        if not wanted:
            raise ConfigError(f"there is no key `{name}`", hint=suggest(name, [key.name for key in keys]))
    if options.output_format == "json":
        print(json.dumps([asdict(key) for key in wanted], indent=2))
    else:
        sys.stdout.write("\n".join(map(_text, wanted)))
    return CLEAN


def _text(key: Key) -> str:
    default = "required" if key.default is None else f"default {key.default}"
    return f"{key.name}\n  {key.kind.replace('`', '')}; {default}\n  {key.meaning}\n"
