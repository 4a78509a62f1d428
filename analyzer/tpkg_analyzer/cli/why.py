"""`tpkg-lint why`: what brings a module in, what keeps it out, and what hangs on it."""

import argparse
import sys
from collections.abc import Iterable
from itertools import islice
from pathlib import Path

from tpkg_analyzer.cli.adhoc import add_package_options
from tpkg_analyzer.cli.options import parser, path_argument, style
from tpkg_analyzer.cli.predicted import predicted
from tpkg_analyzer.cli.spelling import add_output_format
from tpkg_analyzer.cli.status import CLEAN, FINDINGS
from tpkg_analyzer.config.errors import ConfigError, suggest
from tpkg_analyzer.render.whys import Answer, Wanted, render_answer, render_answers_json
from tpkg_analyzer.scan.absence import AbsenceKind
from tpkg_analyzer.scan.closure import Closure
from tpkg_analyzer.scan.cost import cost_of
from tpkg_analyzer.scan.why import MOST_CHAINS, Link, chain_to, chains_to, importers_of
from tpkg_analyzer.session.session import Session


def arguments() -> argparse.ArgumentParser:
    """Return the options of the command."""
    made = parser("why", "Show why a module is in a package, or why it is not; 0 where some package has it, else 1.")
    made.add_argument("module", metavar="MODULE", help="the dotted name of a module, or its file")
    # Older Pythons count what has no default of its own among the missing where MODULE is missing.
    made.add_argument(
        "paths",
        nargs="*",
        type=path_argument,
        default=[],
        metavar="PATH",
        help="files and folders (default: this folder)",
    )
    made.add_argument("--all", action="store_true", help="show every chain of imports, the shortest first")
    made.add_argument(
        "--limit",
        type=_positive,
        default=MOST_CHAINS,
        metavar="N",
        help="at most so many chains (default: %(default)s)",
    )
    made.add_argument("--reverse", action="store_true", help="list all modules that import it, with the places")
    made.add_argument("--cost", action="store_true", help="list the modules that only it brings, with their sizes")
    add_output_format(made, ("text", "json"), default="text", help="how the answer is printed")
    add_package_options(made)
    return made


def run(words: list[str]) -> int:
    """Print the answer for each package that has the module, else for all; 1 if none has it."""
    options = arguments().parse_args(words)
    found = predicted(options)
    module = _meant(options.module, [closure for _, closure in found])
    answers = [_answer(module, session, closure, options) for session, closure in found]
    is_in = [answer for answer in answers if answer.absence is None]
    suggestion = None
    if all(answer.absence and answer.absence.kind is AbsenceKind.NOT_FOUND for answer in answers):
        suggestion = suggest(module, _known(closure for _, closure in found))
    if options.output_format == "json":
        sys.stdout.write(render_answers_json(module, answers, suggestion, Path.cwd()))
    else:
        wanted = Wanted(importers=options.reverse, cost=options.cost)
        texts = [render_answer(answer, wanted, Path.cwd(), style()) for answer in is_in or answers]
        sys.stdout.write("\n".join(dict.fromkeys(texts)))
        if suggestion is not None:
            print(f"  help: {suggestion}")
    return CLEAN if is_in else FINDINGS


def _answer(module: str, session: Session, closure: Closure, options: argparse.Namespace) -> Answer:
    if module not in closure.modules:
        return Answer(module, closure, session.why_not(closure, module))
    chains: tuple[tuple[Link, ...], ...] = (chain_to(closure, module),)
    is_cut = False
    if options.all and chains[0]:
        some = tuple(islice(chains_to(closure, module, options.limit + 1), options.limit + 1))
        chains, is_cut = some[: options.limit], len(some) > options.limit
    return Answer(module, closure, None, chains, importers_of(closure, module), cost_of(closure, module), is_cut=is_cut)


def _meant(word: str, closures: list[Closure]) -> str:
    """Return the module that a person names by its dotted name or its file. Raises ConfigError for anything else."""
    if any(word in closure.modules for closure in closures):
        return word
    if word.endswith(".py") or "/" in word or "\\" in word:
        path = Path(word).absolute()
        for closure in closures:
            for name, node in closure.modules.items():
                if node.path == path and not node.is_pickle:
                    return name
        raise ConfigError(f"no module of a package is the file {word}", hint="name the module: why package.module")
    if not all(part.isidentifier() for part in word.split(".")):
        near = suggest(word.replace("-", "_"), _known(closures))
        raise ConfigError(f"`{word}` is not the name of a module", hint=near or "write it as in an import: a.b.c")
    return word


def _known(closures: Iterable[Closure]) -> set[str]:
    names: set[str] = set()
    for closure in closures:
        names.update(closure.modules)
        names.update(item.module for item in closure.dropped)
    return names


def _positive(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"`{text}` is no number above zero")
    return int(text)
