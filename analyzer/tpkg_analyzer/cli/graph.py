"""`tpkg-lint graph`: the closure of a package as a picture."""

import argparse
import sys
from pathlib import Path

from tpkg_analyzer.cli.adhoc import add_package_options
from tpkg_analyzer.cli.options import parser, path_argument
from tpkg_analyzer.cli.predicted import one_of, predicted
from tpkg_analyzer.cli.spelling import add_output_format
from tpkg_analyzer.cli.status import CLEAN, FINDINGS
from tpkg_analyzer.config.errors import ConfigError, suggest
from tpkg_analyzer.render.graph_nodes import (
    COLOURS,
    Picture,
    grouped,
    leading_to,
    picture_of,
    with_statuses,
    within,
)
from tpkg_analyzer.render.pictures import PICTURES, render_picture
from tpkg_analyzer.scan.closure import Closure
from tpkg_analyzer.sources.writing import write_result


def arguments() -> argparse.ArgumentParser:
    """Return the options of the command."""
    made = parser("graph", "Draw what an export would contain; 0 where it would succeed, 1 where it would raise.")
    made.add_argument("name", nargs="?", metavar="PACKAGE", help="the package (may be left out where there is one)")
    made.add_argument(
        "paths", nargs="*", type=path_argument, metavar="PATH", help="files and folders (default: this folder)"
    )
    add_output_format(made, PICTURES, default="dot", help="the language of the picture")
    made.add_argument("--output", type=Path, metavar="FILE", help="write to this file instead of standard output")
    smaller = made.add_argument_group(
        "smaller pictures", "for --output-format dot, mermaid and json; html shows parts itself"
    )
    smaller.add_argument("--depth", type=int, metavar="N", help="only what is N imports or fewer from what is saved")
    smaller.add_argument("--group", type=int, metavar="N", help="one node for all that share N components of the name")
    smaller.add_argument("--to", metavar="MODULE", help="only the chains of imports that lead to this module")
    smaller.add_argument(
        "--only", action="append", choices=[*COLOURS], metavar="STATUS", help=f"only these: {', '.join(COLOURS)}"
    )
    add_package_options(made)
    return made


def run(words: list[str]) -> int:
    """Draw, and print or write."""
    options = arguments().parse_args(words)
    if options.name is not None and Path(options.name).exists():
        options.paths.insert(0, Path(options.name))
        options.name = None
    options.package = options.name or options.package
    closure = one_of(predicted(options))
    text = render_picture(closure, _smaller(closure, options), options.output_format, Path.cwd())
    if options.output in (None, Path("-")):
        sys.stdout.write(text)
    else:
        try:
            write_result(options.output, text)
        except OSError as error:
            raise ConfigError(f"cannot write {options.output}: {error.strerror}") from None
    return CLEAN if closure.outcome == "ok" else FINDINGS


def _smaller(closure: Closure, options: argparse.Namespace) -> Picture:
    picture = picture_of(closure, Path.cwd())
    asked = [f"--{name}" for name in ("depth", "group", "to", "only") if getattr(options, name) is not None]
    if asked and options.output_format == "html":
        raise ConfigError(
            f"{asked[0]} does not go with --output-format html", hint="the page opens and closes packages itself"
        )
    for name in ("depth", "group"):
        least = 0 if name == "depth" else 1
        if getattr(options, name) is not None and getattr(options, name) < least:
            raise ConfigError(f"--{name} takes a number from {least} on")
    if options.to is not None:
        if options.to not in closure.modules:
            near = suggest(options.to, closure.modules)
            raise ConfigError(
                f"{options.to} is not in package {closure.package.name}",
                hint=near or f"tpkg-lint why {options.to} says why not",
            )
        picture = leading_to(picture, options.to)
    if options.depth is not None:
        picture = within(picture, options.depth)
    if options.only is not None:
        picture = with_statuses(picture, options.only)
    return picture if options.group is None else grouped(picture, options.group)
