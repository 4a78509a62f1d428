"""`tpkg-lint closure`: what an export would contain."""

import argparse
import sys
from pathlib import Path

from tpkg_analyzer.cli.adhoc import add_package_options
from tpkg_analyzer.cli.options import parser, path_argument, style
from tpkg_analyzer.cli.predicted import one_of, predicted
from tpkg_analyzer.cli.spelling import add_output_format
from tpkg_analyzer.cli.status import CLEAN, FINDINGS
from tpkg_analyzer.render.closures import render_json, render_list, render_tree
from tpkg_analyzer.render.graph_nodes import picture_of
from tpkg_analyzer.render.pictures import PICTURES, render_picture

_FORMATS = ("tree", "list", "json", "dot", "mermaid", "html")


def arguments() -> argparse.ArgumentParser:
    """Return the options of the command."""
    made = parser("closure", "Show what an export would contain; 0 where it would succeed, 1 where it would raise.")
    made.add_argument(
        "paths", nargs="*", type=path_argument, metavar="PATH", help="files and folders (default: this folder)"
    )
    add_output_format(made, _FORMATS, default="tree", help="how the closure is printed")
    add_package_options(made)
    return made


def run(words: list[str]) -> int:
    """Predict and print."""
    options = arguments().parse_args(words)
    found = predicted(options)
    closures = [closure for _, closure in found]
    if options.output_format == "json":
        sys.stdout.write(render_json(closures, Path.cwd()))
    elif options.output_format in PICTURES:
        closure = one_of(found)
        sys.stdout.write(render_picture(closure, picture_of(closure, Path.cwd()), options.output_format, Path.cwd()))
    else:
        render = render_tree if options.output_format == "tree" else render_list
        sys.stdout.write("\n".join(render(closure, style(), Path.cwd()) for closure in closures))
    return CLEAN if all(closure.outcome == "ok" for closure in closures) else FINDINGS
