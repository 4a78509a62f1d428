"""What a probe is asked: the package's calls, and an experiment for each finding that has one."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from tpkg_analyzer.config.load import Config
from tpkg_analyzer.model.diagnostic import Diagnostic
from tpkg_analyzer.model.package import ActionCall, Package, Root, RootKind
from tpkg_analyzer.rule.registry import all_rules
from tpkg_analyzer.sources.files import Files
from tpkg_analyzer.sources.text import decode_source
from tpkg_runtime.spec.source import split_lines
from tpkg_runtime.wire.messages import Declaration, Experiment, ExperimentKind, Request, Save, Step

_MEMORY = 16 * 2**30
_HOW = {
    RootKind.MODULE: "module",
    RootKind.OBJECT: "object",
    RootKind.PICKLE: "globals",
    RootKind.SOURCE: "source",
    RootKind.RESOURCE: "resource",
    RootKind.DEPENDENCY: "dependency",
}


def request_for(
    config: Config, package: Package | None, experiments: Sequence[Experiment], archive: Path | None = None
) -> Request:
    """Return the request that exports `package` as its project declares it, or else opens an archive, or neither."""
    places = [os.path.normpath(root) for root in config.import_roots]
    is_code = package is not None and package.is_code and package.declared.path is not None
    return Request(
        package=package.name if package else archive.name if archive else "",
        steps=tuple(map(_step, package.steps)) if package else (),
        paths=tuple(places),
        runtime=config.settings.runtime,
        experiments=tuple(experiments),
        smoke=package.smoke if package else None,
        memory=_memory(),
        read_only=tuple(sorted({str(config.root), *places})),
        main=str(package.declared.path) if package and is_code else None,
        archive=str(archive) if archive else None,
    )


def is_about(package: Package, finding: Diagnostic) -> bool:
    """Tell whether a package decides about a finding: the one that writes the archive which the code opens, if any."""
    if finding.archive is None:
        return finding.package == package.name
    return package.archive is not None and os.path.normpath(package.archive) == str(finding.archive)


def experiments_for(
    package: Package | None, findings: Mapping[int, Diagnostic], files: Files
) -> tuple[list[Experiment], dict[int, str]]:
    """Return the experiments for findings that one package decides about, and why others cannot be tried.

    The id of an experiment, and the key of a reason, is the index of its finding.
    """
    rules = {rule.code: rule for rule in all_rules()}
    experiments: list[Experiment] = []
    reasons: dict[int, str] = {}
    for index, finding in findings.items():
        if finding.code not in rules:
            continue
        asked = rules[finding.code].experiment(finding, _code_at(finding, files))
        if isinstance(asked, Experiment) and asked.kind is ExperimentKind.PATTERN_UNUSED and package is not None:
            asked = _about_pattern(package, finding, asked)
        if isinstance(asked, str):
            reasons[index] = asked
        elif asked is not None:
            experiments.append(replace(asked, id=index))
    return experiments, reasons


def _about_pattern(package: Package, finding: Diagnostic, experiment: Experiment) -> Experiment | str:
    """Return the experiment with the indices of the action that the finding is about, and of its pattern.

    The symbol of a finding is the text of the pattern, or the action's name where there is none.
    """
    here = finding.path, finding.span
    for index, call in enumerate(package.actions):
        for position, text in enumerate(call.include):
            place = call.place_of(position)
            if (place.path, place.span) == here and experiment.symbol == (text or call.action.value):
                return replace(experiment, symbol=str(index), expression=str(position))
        if not call.include and (call.place.path, call.place.span) == here:
            return replace(experiment, symbol=str(index))
    return "the pattern is not found in the export"


def _memory() -> int:
    """Return what a probe may take, in bytes: what the machine has, and no more than a large model needs."""
    try:
        return min(_MEMORY, os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"))
    except (AttributeError, ValueError, OSError):
        return _MEMORY


def _step(step: ActionCall | Root) -> Step:
    if isinstance(step, ActionCall):
        return Step(declaration=Declaration(step.action.value, step.include, step.exclude, step.allow_empty))
    details = {
        RootKind.OBJECT: step.cls,
        RootKind.SOURCE: step.source,
        RootKind.RESOURCE: step.resource,
        RootKind.PICKLE: None if "?" in (step.module[:1], (step.resource or "?")[:1]) else step.resource,
    }
    return Step(
        save=Save(
            how=_HOW[step.kind],
            name=step.module,
            detail=details.get(step.kind),
            globals=step.globals,
            is_package=step.is_package,
            dependencies=step.dependencies,
        )
    )


def _code_at(finding: Diagnostic, files: Files) -> str:
    """Return the code that a finding is about, on one line."""
    try:
        lines = split_lines(decode_source(files.read(str(finding.path))))
    except (OSError, SyntaxError, UnicodeDecodeError):
        return ""
    span = finding.span
    if not 0 < span.line <= span.end_line <= len(lines):
        return ""
    taken = lines[span.line - 1 : span.end_line]
    taken[-1] = taken[-1][: span.end_column - 1]
    taken[0] = taken[0][span.column - 1 :]
    return " ".join(line.strip() for line in taken)
