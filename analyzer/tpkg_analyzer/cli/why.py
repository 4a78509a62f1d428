"""`tpkg-lint why`: the chain of imports that brings a module in."""

import argparse
import sys
from pathlib import Path

from tpkg_analyzer.cli.adhoc import add_package_options, package_from
from tpkg_analyzer.cli.options import parser, sessions, style
from tpkg_analyzer.cli.status import CLEAN, FINDINGS
from tpkg_analyzer.config.errors import suggest
from tpkg_analyzer.render.closures import render_chain
from tpkg_analyzer.scan.why import chain_to


def arguments() -> argparse.ArgumentParser:
    """Return the options of the command."""
    made = parser("why", "Show the shortest chain of imports from what a package saves to a module.")
    made.add_argument("module", metavar="MODULE", help="the dotted name of a module")
    made.add_argument("paths", nargs="*", type=Path, metavar="PATH", help="files and folders (default: this folder)")
    add_package_options(made)
    return made


def run(words: list[str]) -> int:
    """Print a chain for each package that has the module; 1 if none has."""
    options = arguments().parse_args(words)
    opened = sessions(options, options.paths)
    adhoc = package_from(options)
    if adhoc is not None:
        opened = opened[:1]
        opened[0][1].packages = (adhoc,)
    closures = [closure for _, session in opened for closure in session.closures]
    holding = [closure for closure in closures if options.module in closure.modules]
    for closure in holding:
        chain = chain_to(closure, options.module)
        sys.stdout.write(render_chain(options.module, chain, closure, Path.cwd(), style()))
    if holding:
        return CLEAN
    dropped = [(closure, item) for closure in closures for item in closure.dropped if item.module == options.module]
    for closure, item in dropped:
        place = f"{item.by}:{item.reference.origin.span.line}"
        print(f"{options.module} is not in package {closure.package.name}: dropped at {place}, {item.reason}")
    if not dropped:
        near = suggest(options.module, {name for closure in closures for name in closure.modules})
        print(f"{options.module} is in none of the packages" + (f"; {near}" if near else ""))
    return FINDINGS
