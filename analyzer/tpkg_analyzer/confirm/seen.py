"""Imports that left the package while its code ran, and that no rule had predicted: findings of their own."""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from tpkg_analyzer.model.diagnostic import Certainty, Diagnostic, Severity
from tpkg_analyzer.rule.registry import rule_called
from tpkg_analyzer.scan.closure import Closure
from tpkg_analyzer.scan.patterns import globs_of
from tpkg_runtime.spec.actions import Action, Pattern, decide
from tpkg_runtime.spec.source import Span
from tpkg_runtime.wire.messages import SeenImport


def unpredicted(
    closure: Closure, seen: Iterable[SeenImport], findings: Sequence[Diagnostic], stdlib_names: frozenset[str]
) -> Iterator[Diagnostic]:
    """Yield a finding for each import of what the package holds, or has no pattern for, that no finding is about."""
    patterns = [Pattern(call.action, globs_of(call)) for call in closure.package.actions]
    known = {(item.path, item.span.line) for item in findings if item.code.startswith("TPK2")}
    for item in seen:
        module = closure.modules.get(item.module)
        decision = decide(item.target, patterns, stdlib_names)
        is_left_to_host = decision is not None and decision.action is Action.EXTERN
        if module is None or module.path is None or is_left_to_host or (module.path, item.line) in known:
            continue
        known.add((module.path, item.line))
        yield _finding(closure, item, module.path)


def _finding(closure: Closure, item: SeenImport, path: Path) -> Diagnostic:
    rule = rule_called("TPK202")
    assert rule is not None
    what = "the host's copy is taken, not the packaged one" if item.is_in_package else "the package does not hold it"
    top = item.target.partition(".")[0]
    settled = "write an import statement" if item.is_in_package else f'extern "{top}.**", or save the module'
    return Diagnostic(
        code=rule.code,
        name=rule.name,
        message=f"`{item.target}` is imported past package `{closure.package.name}` here: {what}",
        severity=Severity.ERROR if item.is_in_package else Severity.WARNING,
        path=path,
        span=Span(item.line, 1, item.line, 1),
        symbol=item.target,
        module=item.module,
        package=closure.package.name,
        help=settled,
        certainty=Certainty.CONFIRMED,
        evidence=f"seen while {item.while_running}",
    )
