"""`tpkg-lint closure`: what an export would contain."""

import argparse
import sys
from pathlib import Path

from tpkg_analyzer.cli.adhoc import add_package_options, package_from
from tpkg_analyzer.cli.options import parser, sessions, style
from tpkg_analyzer.cli.status import CLEAN, FINDINGS
from tpkg_analyzer.config.errors import ConfigError
from tpkg_analyzer.render.closures import render_json, render_list, render_tree

_FORMATS = ("tree", "list", "json")


def arguments() -> argparse.ArgumentParser:
    """Return the options of the command."""
    made = parser("closure", "Show what an export would contain; 0 where it would succeed, 1 where it would raise.")
    made.add_argument("paths", nargs="*", type=Path, metavar="PATH", help="files and folders (default: this folder)")
    made.add_argument("--format", choices=_FORMATS, default="tree", help="how the closure is printed")
    add_package_options(made)
    return made


def run(words: list[str]) -> int:
    """Predict and print."""
    options = arguments().parse_args(words)
    opened = sessions(options, options.paths)
    adhoc = package_from(options)
    if adhoc is not None:
        _, session = opened[0]
        session.packages = (adhoc,)
        opened = opened[:1]
    closures = [closure for _, session in opened for closure in session.closures]
    if not closures:
        raise ConfigError(
            "no package is configured here",
            hint="name one with --module M and --intern P, or add a [[tool.tpkg-lint.package]] table",
        )
    if options.format == "json":
        sys.stdout.write(render_json(closures, Path.cwd()))
    else:
        render = render_tree if options.format == "tree" else render_list
        sys.stdout.write("\n".join(render(closure, style()) for closure in closures))
    return CLEAN if all(closure.outcome == "ok" for closure in closures) else FINDINGS
