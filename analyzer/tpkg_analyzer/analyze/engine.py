"""Runs rules. A rule that crashes costs its own findings in that file and nothing else."""

import os
import traceback
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

from tpkg_analyzer.analyze.suppressions import suppressions_in, unsuppressed
from tpkg_analyzer.analyze.unused import unused_in
from tpkg_analyzer.model.diagnostic import Diagnostic, Severity
from tpkg_analyzer.model.package import Package
from tpkg_analyzer.rule.context import FileContext, ModuleContext, Project
from tpkg_analyzer.rule.host_code import host_code
from tpkg_analyzer.rule.rule import Rule
from tpkg_analyzer.scan.closure import Closure
from tpkg_runtime.spec.source import START


def check_file(
    context: FileContext, rules: tuple[Rule, ...], about_packages: tuple[Diagnostic, ...] = ()
) -> list[Diagnostic]:
    """Return what the rules find in one file, sorted by place. Parses it only if a rule has a reason to look.

    `about_packages` are the findings of closures in this file: not returned, but comments may be about them.
    """
    silent: list[Rule] = []
    found = list(_run(rules, context.path, lambda rule: rule.check_file(context), silent))
    if context.facts.is_parsed:
        suspicious = tuple(rule for rule in rules if rule.overrides("check_module") and rule.concerns(context))
        module = context.project.module(context.name) if suspicious else None
        if module is not None:
            parsed = ModuleContext(
                context.path,
                context.name,
                context.is_package,
                context.source,
                context.facts,
                context.words,
                context.project,
                context.closures,
                module,
            )
            found += _run(suspicious, context.path, lambda rule: rule.check_module(parsed), silent)
        else:
            silent += suspicious
    found = _inside(context, found, rules)
    quiet = suppressions_in(context.source)
    kept = list(unsuppressed(found, quiet))
    if quiet and context.facts.is_parsed and not silent:
        unused = tuple(unused_in(context.source, quiet, [*found, *about_packages], rules))
        idle = _run(rules, context.path, lambda rule: rule.check_suppressions(context, unused), silent)
        # Only a comment that names it keeps this quiet: one for all would hide that it hides nothing.
        kept += unsuppressed(idle, tuple(item for item in quiet if item.words))
    return sorted(kept, key=lambda item: (item.span, item.code))


def _inside(context: FileContext, found: list[Diagnostic], rules: tuple[Rule, ...]) -> list[Diagnostic]:
    """Leave out what is said about the package of code that only the host runs."""
    codes = {rule.code for rule in rules if rule.runs_inside}
    if not context.is_packaged or codes.isdisjoint(item.code for item in found):
        return found
    never = host_code(context)
    return [item for item in found if item.code not in codes or not any(map(item.span.is_within, never))]


def check_closure(closure: Closure, project: Project, rules: tuple[Rule, ...]) -> list[Diagnostic]:
    """Return what the rules find in the closure of one package."""
    place = closure.package.declared.path or Path()
    found = _run(rules, place, lambda rule: rule.check_closure(closure, project), [])
    return [_tied(item, closure.package) for item in found]


def _tied(finding: Diagnostic, package: Package) -> Diagnostic:
    """Let a fix of the calls in code name that code in the table, if the calls alone tell that both are one export."""
    fix, tie = finding.fix, package.tie
    if fix is None or tie is None or all(edit.path != package.declared.path for edit in fix.edits):
        return finding
    return replace(finding, fix=replace(fix, edits=(*fix.edits, tie)))


def _run(
    rules: tuple[Rule, ...], path: Path, check: Callable[[Rule], Iterator[Diagnostic]], silent: list[Rule]
) -> Iterator[Diagnostic]:
    """Yield what rules find. Those that cannot follow code as deep as this are added to the `silent` ones."""
    for rule in rules:
        try:
            yield from check(rule)
        except RecursionError:
            silent.append(rule)
        except Exception as error:
            if "PYTEST_CURRENT_TEST" in os.environ:
                raise
            yield _crash(rule, path, error)


def _crash(rule: Rule, path: Path, error: Exception) -> Diagnostic:
    where = traceback.extract_tb(error.__traceback__)[-1]
    return Diagnostic(
        code="TPK009",
        name="rule-crashed",
        message=f"{rule.code} {rule.name} failed on this file: {type(error).__name__}: {error}",
        severity=Severity.WARNING,
        path=path,
        span=START,
        symbol=rule.code,
        help=f"a fault of tpkg-lint, at {Path(where.filename).name}:{where.lineno}; please report it with the file",
    )
