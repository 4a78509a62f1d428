"""The predicted closure against the real one. A difference is a fault of this tool, and is reported as one."""

import json
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

from tpkg_analyzer.model.diagnostic import Certainty, Diagnostic, Severity
from tpkg_analyzer.model.package import IncidentKind, RootKind
from tpkg_analyzer.scan.closure import Closure
from tpkg_runtime.spec.actions import Action
from tpkg_runtime.wire.messages import Exported, Request

CODE, NAME = "TPK009", "rule-crashed"
_SHOWN = 5


def differences(
    closure: Closure, real: Exported, assumed: frozenset[str] = frozenset()
) -> dict[str, tuple[list[str], list[str]]]:
    """Return for each kind of module what was predicted and is not there, and what is there and was not predicted.

    Nothing is claimed about an open package, of an export that ended before its last call, and where the script itself
    is in it, which the closure leaves to TPK501. Where the package pickles objects, implicitly extern modules are left
    out: which of them a pickle names depends on the values in it. A nested class is pickled for the comparison with the
    protocol that can. What people have `assumed` is theirs to answer for.
    """
    if any(item.kind is IncidentKind.NESTED_WITH_PROTOCOL for item in closure.package.incidents):
        assumed |= {"builtins"}
    is_whole = real.raised in (None, "PackagingError", "EmptyMatchError")
    has_script = "__main__" in (*real.interned, *real.externed, *real.mocked, *real.denied, *real.broken)
    if closure.package.is_open or real.substituted or has_script or not is_whole:
        return {}
    pairs = {
        "interned": (set(closure.with_action(Action.INTERN)), set(real.interned)),
        "externed": (set(closure.with_action(Action.EXTERN)), set(real.externed)),
        "mocked": (set(closure.with_action(Action.MOCK)), set(real.mocked)),
        "denied": (set(closure.with_action(Action.DENY)), set(real.denied)),
        "broken": (
            {f"{name} {reason.name}" for name, reason in closure.broken.items()},
            {f"{name} {reason}" for name, reason in real.broken.items()},
        ),
    }
    if any(root.kind is RootKind.OBJECT for root in closure.package.roots):
        implicit = {name for name, module in closure.modules.items() if module.rule == "implicit"}
        unpredicted = pairs["externed"][1] - pairs["externed"][0]
        pairs["externed"] = (pairs["externed"][0] - implicit, pairs["externed"][1] - implicit - unpredicted)
    found = {
        kind: (_without(assumed, said - held), _without(assumed, held - said)) for kind, (said, held) in pairs.items()
    }
    return {kind: both for kind, both in found.items() if both[0] or both[1]}


def fault(
    closure: Closure, real: Exported, request: Request, folder: Path, assumed: frozenset[str]
) -> Iterator[Diagnostic]:
    """Report a difference at the package's declaration, and write what is needed to look into it to `folder`."""
    found = differences(closure, real, assumed)
    declared = closure.package.declared
    if not found or declared.path is None:
        return
    folder.mkdir(parents=True, exist_ok=True)
    report = folder / f"closure-{closure.package.name}.json"
    document = {"request": asdict(request), "real": asdict(real), "differences": found}
    report.write_text(json.dumps(document, indent=2, default=lambda value: value.value), encoding="utf-8")
    yield Diagnostic(
        code=CODE,
        name=NAME,
        message=f"the closure of package `{closure.package.name}` was not predicted right: {_said(found)}",
        severity=Severity.WARNING,
        path=declared.path,
        span=declared.span,
        symbol="closure",
        package=closure.package.name,
        help=f"a fault of tpkg-lint; please report it with {report}",
        certainty=Certainty.CONFIRMED,
        evidence=f"exported {closure.package.name} with {real.runtime}",
    )


def _without(assumed: frozenset[str], names: set[str]) -> list[str]:
    return sorted(name for name in names if name.partition(" ")[0] not in assumed)


def _said(found: dict[str, tuple[list[str], list[str]]]) -> str:
    parts = []
    for kind, (missing, extra) in found.items():
        if missing:
            parts.append(f"not {kind}: {_listed(missing)}")
        if extra:
            parts.append(f"{kind} as well: {_listed(extra)}")
    return "; ".join(parts)


def _listed(names: list[str]) -> str:
    rest = len(names) - _SHOWN
    return ", ".join(names[:_SHOWN]) + (f" and {rest} more" if rest > 0 else "")
