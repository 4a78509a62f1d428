"""Closures as a tree or a list for people, and as JSON for programs."""

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from tpkg_analyzer.render.paths import shown
from tpkg_analyzer.render.style import Style
from tpkg_analyzer.scan.closure import Closure, ClosureModule
from tpkg_runtime.spec.actions import Action

_LISTED = (Action.INTERN, Action.EXTERN, Action.MOCK, Action.DENY)


def render_tree(closure: Closure, style: Style, base: Path) -> str:
    """Return the closure as a tree of imports; a module that is shown already is not unfolded again.

    Paths are shown from `base`, also below.
    """
    rows = [style.bold(f"package {closure.package.name}") + f"  {_summary(closure)}"]
    seen: set[str] = set()
    roots = [name for name, module in closure.modules.items() if module.rule == "root"]
    for position, root in enumerate(roots):
        rows += _branch(closure, root, "", position == len(roots) - 1, seen, style)
    rows += _endings(closure, style, base)
    return "\n".join(rows) + "\n"


def render_list(closure: Closure, style: Style, base: Path) -> str:
    """Return the modules by action, one a line, then those that break the export, each with the reason."""
    rows = [style.bold(f"package {closure.package.name}") + f"  {_summary(closure)}"]
    for action in _LISTED:
        rows += [f"{action.value} {name}" for name in closure.with_action(action)]
    rows += [f"broken {name}  {style.red(reason.name)}" for name, reason in sorted(closure.broken.items())]
    rows += _endings(closure, style, base)
    return "\n".join(rows) + "\n"


def render_json(closures: Iterable[Closure], base: Path) -> str:
    """Return the JSON of version 1, as docs/reference describes it."""
    return json.dumps({"version": 1, "packages": [_package(item, base) for item in closures]}, indent=2) + "\n"


def _branch(closure: Closure, name: str, indent: str, is_last: bool, seen: set[str], style: Style) -> Iterator[str]:
    # An explicit stack keeps long chains of imports from reaching the recursion limit.
    stack = [(name, indent, is_last)]
    while stack:
        name, indent, is_last = stack.pop()
        module = closure.modules[name]
        is_repeated = name in seen and bool(module.depends_on)
        yield f"{indent}{'└── ' if is_last else '├── '}{name}  {_action(module, style)}{' …' if is_repeated else ''}"
        if name in seen:
            continue
        seen.add(name)
        below = indent + ("    " if is_last else "│   ")
        last = len(module.depends_on) - 1
        stack += [(target, below, i == last) for i, target in reversed(list(enumerate(module.depends_on)))]


def _action(module: ClosureModule, style: Style) -> str:
    if module.error is not None:
        return style.red(module.error.name)
    action = module.action.value if module.action else "unknown"
    why = {"root": "saved", "implicit": "by itself"}.get(module.rule or "", "")
    paint = {"intern": style.green, "mock": style.yellow, "deny": style.red}.get(action, style.cyan)
    notes = [why, "assumed" if module.assumed else "", "unstable" if module.unstable else ""]
    said = ", ".join(filter(None, notes))
    return paint(action) + (style.dim(f" ({said})") if said else "")


def _summary(closure: Closure) -> str:
    counts = [f"{len(closure.with_action(action))} {action.value}" for action in _LISTED if closure.with_action(action)]
    counts += [f"{len(closure.broken)} broken"] if closure.broken else []
    return ", ".join(counts)


def _endings(closure: Closure, style: Style, base: Path) -> Iterator[str]:
    if closure.failed is not None:
        yield style.red(f"cannot save {closure.failed.module}: {closure.failed.reason}")
    if closure.dropped:
        yield f"dropped: {len(closure.dropped)} imports of what cannot be imported"
        yield from (f"  {item.module}  in {item.by}:{item.reference.origin.span.line}" for item in closure.dropped)
    if closure.assumed:
        yield f"assumed to be importable: {len(closure.assumed)} modules (`tpkg-lint index` imports what is installed)"
        yield from (f"  {name}  {_first_line(reason)}" for name, reason in closure.assumed.items())
    if closure.unstable:
        yield "unstable: what the process has imported before decides"
        yield from (f"  {name}  {_first_line(reason)}" for name, reason in closure.unstable.items())
    package = closure.package
    if package.is_open:
        yield "open: not known before the program runs"
    for item in package.unknown:
        decides = "what is saved" if item.is_root else "what is done with modules"
        yield f"  {item.expression}  in {shown(item.path, base)}:{item.span.line}, which decides {decides}"
    outcome = closure.outcome
    known = ", as far as it is known" if package.is_open else ""
    yield f"outcome: {style.green(outcome) if outcome == 'ok' else style.red(outcome)}{known}"


def _first_line(reason: str) -> str:
    return reason.partition("\n")[0]


def _package(closure: Closure, base: Path) -> dict[str, Any]:
    package = closure.package
    declared = package.declared
    return {
        "name": package.name,
        "declared": {"path": shown(declared.path, base), "line": declared.span.line} if declared.path else None,
        "open": package.is_open,
        "unknown": [
            {"path": shown(item.path, base), "line": item.span.line, "expression": item.expression}
            for item in package.unknown
        ],
        "interned": closure.with_action(Action.INTERN),
        "externed": closure.with_action(Action.EXTERN),
        "mocked": closure.with_action(Action.MOCK),
        "denied": closure.with_action(Action.DENY),
        "broken": {name: reason.name for name, reason in closure.broken.items()},
        "dropped": [
            {
                "module": item.module,
                "by": item.by,
                "line": item.reference.origin.span.line,
                "reason": item.reason,
            }
            for item in closure.dropped
        ],
        "assumed": closure.assumed,
        "unstable": closure.unstable,
        "modules": {name: _module(module, base) for name, module in closure.modules.items()},
        "empty_patterns": list(closure.empty_patterns),
        "outcome": closure.outcome,
    }


def _module(module: ClosureModule, base: Path) -> dict[str, Any]:
    return {
        "action": module.action.value if module.action else None,
        "rule": module.rule,
        "pattern": module.pattern,
        "path": shown(module.path, base) if module.path else None,
        "bytes": module.bytes,
        "depends_on": list(module.depends_on),
    }
