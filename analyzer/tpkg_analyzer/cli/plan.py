"""`tpkg-lint plan`: the smallest list of actions under which an export succeeds."""

import argparse
import sys
from dataclasses import replace
from pathlib import Path

from tpkg_analyzer.cli.fixing import put_texts
from tpkg_analyzer.cli.options import parser, path_argument, sessions
from tpkg_analyzer.cli.spelling import add_output_format
from tpkg_analyzer.cli.status import CLEAN, FINDINGS
from tpkg_analyzer.config.errors import ConfigError
from tpkg_analyzer.model.package import Package, RootKind
from tpkg_analyzer.render.plans import call_lines, receiver_of, render_python, render_toml, table_lines
from tpkg_analyzer.rule.context import action_in
from tpkg_analyzer.session.declaring import place_of_actions, with_actions
from tpkg_analyzer.session.planning import Plan, planned
from tpkg_analyzer.session.session import Session
from tpkg_analyzer.sources.files import Disk, exact_text
from tpkg_runtime.spec.actions import Action


def arguments() -> argparse.ArgumentParser:
    """Return the options of the command."""
    made = parser("plan", "Write the smallest list of actions under which an export succeeds.")
    made.add_argument("name", nargs="?", metavar="PACKAGE", help="the package (default: each)")
    made.add_argument(
        "paths", nargs="*", type=path_argument, metavar="PATH", help="files and folders (default: this folder)"
    )
    add_output_format(made, ("toml", "python"), default="toml", help="how the actions are printed")
    made.add_argument("--write", action="store_true", help="put the actions where the package is declared")
    made.add_argument("--confirm", action="store_true", help="export with them and load, in a child process")
    return made


def run(words: list[str]) -> int:
    """Plan and print; 1 if some package cannot be exported by any list of actions."""
    options = arguments().parse_args(words)
    if options.name is not None and Path(options.name).exists():
        options.paths.insert(0, Path(options.name))
        options.name = None
    options.package = options.name or options.package
    status, count = CLEAN, 0
    for _, session in sessions(options, options.paths):
        for package in session.packages:
            count += 1
            if not _plan(session, package, options):
                status = FINDINGS
    if not count:
        raise ConfigError("no package is configured or exported here", hint="add a [[tool.tpkg-lint.package]] table")
    return status


def _plan(session: Session, package: Package, options: argparse.Namespace) -> bool:
    hidden = next((item for item in package.unknown if item.is_root), None)
    if hidden is not None:
        print(
            f"tpkg-lint: not all that package {package.name} saves is known: `{hidden.expression}` at "
            f"{hidden.path.name}:{hidden.span.line}; name it in `modules` or `objects`",
            file=sys.stderr,
        )
    plan = planned(package, session.closure_of, session.is_first_party)
    if hidden is not None and not plan.lines and not plan.left:
        return False  # nothing of it is known
    render = render_python if options.output_format == "python" else render_toml
    sys.stdout.write(render(package, plan.lines))
    for name, reason in plan.left.items():
        print(f"tpkg-lint: no action helps `{name}`: {reason}", file=sys.stderr)
    works = not plan.left and hidden is None
    if options.confirm:
        works = _confirmed(session, replace(package, steps=(*plan.actions, *package.roots), unknown=())) and works
    if options.write and plan.left:
        print("tpkg-lint: wrote nothing: the actions would not do", file=sys.stderr)
    elif options.write:
        _write(package, plan)
    return works


def _confirmed(session: Session, package: Package) -> bool:
    from tpkg_analyzer.confirm.proof import prove

    closure = session.closure_of(package)
    saved = {root.module for root in package.roots if root.kind is RootKind.MODULE}
    saved |= {module for root in package.roots for module, _ in root.globals}
    modules = sorted(name for name in saved if action_in(closure, name) is Action.INTERN)
    is_proven, evidence = prove(session.config, session.interpreter, package, modules)
    for line in evidence:
        print(f"tpkg-lint: package {package.name}: {line}", file=sys.stderr)
    return is_proven


def _write(package: Package, plan: Plan) -> None:
    path = place_of_actions(package).path
    if path is None:
        raise ConfigError("the package is declared nowhere in a file", hint="leave --write out")
    calls = call_lines(plan.lines, receiver_of(package))
    texts = with_actions(package, table_lines(plan.lines), calls, lambda place: exact_text(Disk(), place))
    if texts is None:
        at = f' with at = "{package.at}"' if package.at else ""
        hint = f"copy what is printed, or put it into a [[tool.tpkg-lint.package]] table{at}"
        raise ConfigError(f"cannot put the actions into {path}", hint=hint)
    for place, text in texts.items():
        put_texts({place: text})
        print(f"tpkg-lint: wrote the actions to {place}", file=sys.stderr)
