"""How the worker answers each question."""

import inspect
from dataclasses import replace
from functools import singledispatch
from pathlib import Path
from typing import Any

from tpkg_analyzer.model.diagnostic import Diagnostic
from tpkg_analyzer.render.plans import call_lines, receiver_of, render_python, render_toml, table_lines
from tpkg_analyzer.rule.registry import all_rules
from tpkg_analyzer.scan.absence import Absence
from tpkg_analyzer.session.confirming import confirm
from tpkg_analyzer.session.declaring import place_of_actions, with_actions
from tpkg_analyzer.session.live import Live
from tpkg_analyzer.session.planning import planned
from tpkg_analyzer.sources.listing import SUFFIXES
from tpkg_runtime.spec.imports import Reference, package_of, resolve
from tpkg_runtime.spec.source import Span
from tpkg_server.worker.questions import (
    Catalogue,
    Faults,
    FileView,
    ListFiles,
    LookAtFile,
    LookAtFiles,
    Nothing,
    PlanFor,
    PlanView,
    Prepare,
    ProjectView,
    Prove,
    RuleCard,
    Settle,
    WhyNot,
)


@singledispatch
def answer(question: Any, live: Live) -> object:  # noqa: ARG001 - the signature of all answers
    """Return the answer to a question."""
    raise TypeError(f"nobody answers a {type(question).__name__}")


@answer.register
def _nothing(question: Nothing, live: Live) -> None:  # noqa: ARG001 - the signature of all answers
    return None


@answer.register
def _prepare(question: Prepare, live: Live) -> None:
    live.project_of(question.path).prepare()


@answer.register
def _look(question: LookAtFile, live: Live) -> FileView:
    path = question.path
    project = live.project_of(path)
    module, is_package = project.session.module_name(path)
    is_python = path.suffix in SUFFIXES
    findings = live.check(path) if is_python and not live.is_left_out(path) else ()
    references = _references(live, path, module, is_package)
    return FileView(path, project.config.root, module, findings, references, project.is_settled)


@answer.register
def _look_at_several(question: LookAtFiles, live: Live) -> tuple[FileView, ...]:
    return tuple(_look(LookAtFile(path), live) for path in question.paths)


@answer.register
def _settle(question: Settle, live: Live) -> ProjectView:
    project = live.project_of(question.path)
    project.settle()
    return ProjectView(
        project.config.root,
        project.config.path,
        project.closures if project.stamp != question.known else (),
        live.shown(project.package_findings),
        project.interpreter.stdlib_names,
        project.stamp,
    )


@answer.register
def _why_not(question: WhyNot, live: Live) -> tuple[tuple[str, Absence], ...]:
    project = live.project_of(question.path)
    project.settle()
    found = ((item.package.name, project.session.why_not(item, question.module)) for item in project.closures)
    return tuple((name, absence) for name, absence in found if absence is not None)


@answer.register
def _catalogue(question: Catalogue, live: Live) -> tuple[RuleCard, ...]:  # noqa: ARG001 - the signature of all answers
    cards = []
    for rule in all_rules():
        document = inspect.getdoc(type(rule)) or ""
        cards.append(RuleCard(rule.code, rule.name, rule.severity.value, document.partition("\n")[0], document))
    return tuple(cards)


@answer.register
def _faults(question: Faults, live: Live) -> tuple[Diagnostic, ...]:  # noqa: ARG001 - the signature of all answers
    return live.faults()


@answer.register
def _list(question: ListFiles, live: Live) -> tuple[Path, ...]:
    return tuple(dict.fromkeys(path for root in question.roots for path in live.files_below(root)))


@answer.register
def _prove(question: Prove, live: Live) -> tuple[Diagnostic, ...]:
    project = live.project_of(question.path)
    project.settle()
    findings = list(project.package_findings)
    for path in live.members(project.config):
        findings += project.check(path)
    return tuple(confirm(project.session, findings, package=question.package))


@answer.register
def _plan(question: PlanFor, live: Live) -> PlanView | None:
    project = live.project_of(question.path)
    project.settle()
    packages = [item.package for item in project.closures if question.package in (None, item.package.name)]
    if not packages:
        return None
    package = next((item for item in packages if item.declared.path == question.path), packages[0])
    root = next((item for item in package.unknown if item.is_root), None)
    if root is not None:
        return PlanView(package.name, "", "", {}, unknown=root.expression, path=package.declared.path)
    plan = planned(package, project.session.closure_of, project.session.is_first_party)
    toml, python = render_toml(package, plan.lines), render_python(package, plan.lines)
    path = place_of_actions(package).path

    def read(place: Path) -> str | None:
        # The places of a half-typed file are those of its last good text.
        return live.buffers.read(str(place)).decode() if live.buffers.drift(str(place)) is None else None

    calls = call_lines(plan.lines, receiver_of(package))
    texts = with_actions(package, table_lines(plan.lines), calls, read)
    return PlanView(package.name, toml, python, plan.left, path=path, texts=texts)


def _references(live: Live, path: Path, module: str, is_package: bool) -> tuple[Reference, ...]:
    """Return the imports of a file that can be made absolute, at the places that the editor shows."""
    facts = live.project_of(path).facts_of(path) if path.suffix in SUFFIXES else None
    if facts is None:
        return ()
    found = []
    drift = live.buffers.drift(str(path))
    for item in facts.imports:
        try:
            found += resolve([item], package_of(module, is_package))
        except ValueError:
            continue
    if drift is None:
        return tuple(found)
    return tuple(moved for item in found if (moved := _moved(item, drift.span(item.origin.span))))


def _moved(reference: Reference, span: Span | None) -> Reference | None:
    return replace(reference, origin=replace(reference.origin, span=span)) if span else None
