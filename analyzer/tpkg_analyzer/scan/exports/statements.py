"""Statements: one after the other, both ways where a condition is not known."""

import ast
from collections.abc import Callable, Sequence
from dataclasses import replace

from tpkg_analyzer.model.package import Unknown
from tpkg_analyzer.scan.exports.bindings import assign, bind, delete
from tpkg_analyzer.scan.exports.classes import is_exporter, method
from tpkg_analyzer.scan.exports.decorators import decorated
from tpkg_analyzer.scan.exports.definitions import define_class, define_function
from tpkg_analyzer.scan.exports.exporters import close_exporter
from tpkg_analyzer.scan.exports.imports import import_from, import_modules, imports_that_fail
from tpkg_analyzer.scan.exports.matching import matches
from tpkg_analyzer.scan.exports.operators import added_in_place, binary
from tpkg_analyzer.scan.exports.sequences import items_of
from tpkg_analyzer.scan.exports.state import (
    STATEMENT_STEPS,
    Arguments,
    Frame,
    Machine,
    OutOfAllowanceError,
    Pending,
    Site,
)
from tpkg_analyzer.scan.exports.values import (
    NONE,
    ClassValue,
    External,
    Instance,
    Items,
    Opaque,
    Value,
    either,
    same,
    truth,
)

End = tuple[str | None, dict[str, Value]]
"""How a branch ends, and the names that it leaves."""

_MOST_ROUNDS = 400
_BOUNDED = (ast.Assign, ast.AnnAssign, ast.AugAssign, ast.For, ast.AsyncFor, ast.While)


def run(machine: Machine, body: Sequence[ast.stmt], frame: Frame) -> str | None:
    """Run statements; return how they end early: return, raise, break or continue."""
    for statement in body:
        signal = _statement(machine, statement, frame)
        if signal is not None:
            return signal
    return None


def _statement(machine: Machine, node: ast.stmt, frame: Frame) -> str | None:
    if machine.reserve is None and isinstance(node, _BOUNDED):
        return _bounded(machine, node, frame)
    machine.spend()
    match node:
        case ast.Expr(value=value):
            machine.evaluate(machine, value, frame)
        case ast.Assign(targets=targets, value=value):
            result = machine.evaluate(machine, value, frame)
            for target in targets:
                assign(machine, target, result, frame)
        case ast.AnnAssign(target=target, value=value):
            if value is not None:
                assign(machine, target, machine.evaluate(machine, value, frame), frame)
        case ast.AugAssign():
            _augmented(machine, node, frame)
        case ast.FunctionDef() | ast.AsyncFunctionDef():
            function = define_function(machine, node, frame)
            if function.role != "deleter":
                name = f"{node.name}.setter" if function.role == "setter" else node.name
                bind(frame.names, name, decorated(machine, function, node, frame), machine)
        case ast.ClassDef():
            bind(frame.names, node.name, decorated(machine, define_class(machine, node, frame), node, frame), machine)
        case ast.Import():
            import_modules(machine, node, frame)
        case ast.ImportFrom():
            import_from(machine, node, frame)
        case ast.Return(value=value):
            frame.returned.append(machine.evaluate(machine, value, frame) if value is not None else NONE)
            return "return"
        case ast.Raise():
            return "raise"
        case ast.Break():
            return "break"
        case ast.Continue():
            return "continue"
        case ast.Global(names=names):
            frame.names.declared_global.update(names)
        case ast.Nonlocal(names=names):
            frame.names.declared_nonlocal.update(names)
        case ast.Delete(targets=targets):
            for target in targets:
                delete(machine, target, frame)
        case _:
            return _compound(machine, node, frame)
    return None


def _compound(machine: Machine, node: ast.stmt, frame: Frame) -> str | None:
    match node:
        case ast.If(test=test, body=body, orelse=orelse):
            answer = truth(machine.evaluate(machine, test, frame))
            if answer is not None:
                return run(machine, body if answer else orelse, frame)
            return _fork(machine, frame, frame.module.unknown(test), [body, orelse])
        case ast.For() | ast.AsyncFor():
            return _for(machine, node, frame)
        case ast.While():
            return _while(machine, node, frame)
        case ast.With() | ast.AsyncWith():
            return _with(machine, node, frame)
        case ast.Try():
            return _try(machine, node, frame)
        case ast.Match():
            return _match(machine, node, frame)
        case _:
            return _try(machine, node, frame) if type(node).__name__ == "TryStar" else None


def _match(machine: Machine, node: ast.Match, frame: Frame) -> str | None:
    subject = machine.evaluate(machine, node.subject, frame)
    possible: list[Sequence[ast.stmt]] = []
    for case in node.cases:
        answer = matches(machine, case, subject, frame)
        if answer is not False:
            possible.append(case.body)
        if answer is True:
            break
    else:
        possible.append([])
    if len(possible) == 1:
        return run(machine, possible[0], frame)
    return _fork(machine, frame, frame.module.unknown(node.subject), possible)


def _augmented(machine: Machine, node: ast.AugAssign, frame: Frame) -> None:
    read = ast.copy_location(_loaded(node.target), node.target)
    left = machine.evaluate(machine, read, frame)
    right = machine.evaluate(machine, node.value, frame)
    if isinstance(left, Instance) and isinstance(node.op, ast.Add):
        extend = machine.attribute(machine, left, "__iadd__", frame.site(node))
        if extend is not None:
            machine.call(machine, extend, Arguments((right,)), frame.site(node))
        return
    if isinstance(node.op, ast.Add | ast.BitOr) and added_in_place(machine, left, right, frame.site(node.value)):
        return
    assign(machine, node.target, binary(machine, node.op, left, right, frame.site(node)), frame)


def _loaded(target: ast.expr) -> ast.expr:
    match target:
        case ast.Name(id=name):
            return ast.Name(name, ast.Load())
        case ast.Attribute(value=value, attr=attr):
            return ast.copy_location(ast.Attribute(value, attr, ast.Load()), target)
        case ast.Subscript(value=value, slice=index):
            return ast.copy_location(ast.Subscript(value, index, ast.Load()), target)
        case _:
            return target


def _fork(machine: Machine, frame: Frame, cause: Unknown, branches: Sequence[Sequence[ast.stmt]]) -> str | None:
    """Run every branch from the same start and join what they leave."""
    before = frame.names.values
    ends: list[End] = []
    try:
        for branch in branches:
            frame.names.values = dict(before)
            with machine.under(cause):
                ends.append((run(machine, branch, frame), frame.names.values))
    finally:
        frame.names.values = before
    return _met(machine, frame, cause, ends)


def _met(machine: Machine, frame: Frame, cause: Unknown, ends: Sequence[End]) -> str | None:
    """Go on after ways of which one was taken: with what they leave, if one of them does not end early."""
    alive = [values for signal, values in ends if signal is None]
    signals = [signal for signal, _ in ends if signal not in (None, "raise")]
    if not alive:
        _update(frame.names.values, ends[-1][1])
        frame.leaving.update(signals)
        return next(iter(signals), "raise")
    _update(frame.names.values, _joined(alive, cause))
    if signals:
        frame.leaving.update(signals)
        machine.conditions.append(cause)  # what follows runs only if the branch that leaves was not taken
    return None


def _update(names: dict[str, Value], joined: dict[str, Value]) -> None:
    # In place, because functions that were defined in a branch look their names up here.
    names.clear()
    names.update(joined)


def _joined(alive: Sequence[dict[str, Value]], cause: Unknown) -> dict[str, Value]:
    joined = dict(alive[0])
    for values in alive[1:]:
        for name, value in values.items():
            if name not in joined:
                joined[name] = value
            elif not same(joined[name], value):
                joined[name] = either([joined[name], value], cause)
    return joined


def _for(machine: Machine, node: ast.For | ast.AsyncFor, frame: Frame) -> str | None:
    source = machine.evaluate(machine, node.iter, frame)
    items, doubt = items_of(machine, source, frame.site(node.iter))
    level, around = machine.level, "break" in frame.leaving
    frame.leaving.discard("break")
    try:
        return _rounds(machine, node, items, doubt, frame)
    finally:
        if "return" not in frame.leaving:
            del machine.conditions[level:]
        if not around:
            frame.leaving.discard("break")


def _rounds(
    machine: Machine, node: ast.For | ast.AsyncFor, items: list[Value], doubt: Unknown | None, frame: Frame
) -> str | None:
    for item in items[:_MOST_ROUNDS]:
        signal = _round(machine, node, item, frame)
        if signal == "break":
            return None
        if signal in ("return", "raise"):
            return signal
    if len(items) > _MOST_ROUNDS:
        doubt = doubt or frame.module.unknown(node.iter)
    if doubt is not None:
        unknown = Opaque(doubt)

        def once() -> str | None:
            return _round(machine, node, unknown, frame)

        signal = _maybe(machine, frame, doubt, once)
        if signal == "return":
            frame.leaving.add(signal)
            machine.conditions.append(doubt)
    return run(machine, node.orelse, frame) if node.orelse else None


def _bounded(machine: Machine, node: ast.stmt, frame: Frame) -> str | None:
    """Run an outermost loop or assignment; if that takes too much, what it tells exporters and gives names is open."""
    level = machine.level
    try:
        with machine.allowance(STATEMENT_STEPS):
            return _statement(machine, node, frame)
    except (OutOfAllowanceError, RecursionError):
        del machine.conditions[level:]
        cause = frame.module.unknown(_decisive(node))
        for log in machine.exporters:
            if not log.is_closed:
                log.lose(cause)
        for inner in ast.walk(node):
            if isinstance(inner, ast.Name) and isinstance(inner.ctx, ast.Store):
                bind(frame.names, inner.id, Opaque(cause), machine)
        return None


def _decisive(node: ast.stmt) -> ast.AST:
    """Return the expression that a statement depends on."""
    for name in ("iter", "test", "value"):
        if isinstance(found := getattr(node, name, None), ast.AST):
            return found
    return node


def _while(machine: Machine, node: ast.While, frame: Frame) -> str | None:
    level = machine.level
    for _ in range(_MOST_ROUNDS):
        answer = truth(machine.evaluate(machine, node.test, frame))
        if answer is False:
            return run(machine, node.orelse, frame)
        if answer is None or machine.level > level:
            break
        signal = run(machine, node.body, frame)
        if signal == "break":
            return None
        if signal in ("return", "raise"):
            return signal
    signal = _fork(machine, frame, frame.module.unknown(node.test), [node.body, []])
    return signal if signal in ("return", "raise") else None


def _round(machine: Machine, node: ast.For | ast.AsyncFor, item: Value, frame: Frame) -> str | None:
    level = machine.level
    assign(machine, node.target, item, frame)
    signal = run(machine, node.body, frame)
    if signal in (None, "continue"):
        if frame.leaving.isdisjoint(("break", "return")):
            del machine.conditions[level:]
        return None
    return signal


def _maybe(machine: Machine, frame: Frame, cause: Unknown, once: Callable[[], str | None]) -> str | None:
    before = frame.names.values
    frame.names.values = dict(before)
    with machine.under(cause):
        signal = once()
    after, frame.names.values = frame.names.values, before
    _update(before, _joined([before | {}, after], cause))
    return signal


def _with(machine: Machine, node: ast.With | ast.AsyncWith, frame: Frame, index: int = 0) -> str | None:
    """Enter one item after the other, run the body, and leave them from the last to the first."""
    if index == len(node.items):
        return run(machine, node.body, frame)
    item = node.items[index]
    site = frame.site(item.context_expr)
    manager = machine.evaluate(machine, item.context_expr, frame)
    if isinstance(manager, Instance) and isinstance(manager.payload, Pending):
        signals: list[str | None] = []

        def inside(value: Value) -> None:
            if item.optional_vars is not None:
                assign(machine, item.optional_vars, value, frame)
            signals.append(_with(machine, node, frame, index + 1))

        given = replace(manager.payload.arguments, on_yield=inside)
        machine.call(machine, manager.payload.function, given, site)
        return signals[0] if signals else None
    value = machine.attribute(machine, manager, "__enter__", site)
    result = manager
    if value is not None and isinstance(manager, Instance):
        result = machine.call(machine, value, Arguments(), site)
    if item.optional_vars is not None:
        assign(machine, item.optional_vars, result, frame)
    signal = _with(machine, node, frame, index + 1)
    leave(machine, manager, site)
    return signal


def leave(machine: Machine, manager: Value, site: Site) -> None:
    """End a `with` block over an object of a class, an exporter, or a stack that holds some."""
    own = method(manager.cls, "__exit__") if isinstance(manager, Instance) else None
    if own is not None:
        machine.call(machine, own, Arguments((manager, NONE, NONE, NONE)), site)
    elif isinstance(manager, Instance) and isinstance(manager.cls, ClassValue) and is_exporter(manager.cls):
        close_exporter(machine, manager, site)
    elif isinstance(manager, Instance):
        for item in manager.payload if isinstance(manager.payload, list) else [manager.payload]:
            if hasattr(item, "close"):
                item.close(machine)


def _try(machine: Machine, node: ast.stmt, frame: Frame) -> str | None:
    assert isinstance(node, ast.Try) or type(node).__name__ == "TryStar"
    body: list[ast.stmt] = node.body  # type: ignore[attr-defined]  # TryStar is not there under 3.10
    handlers: list[ast.ExceptHandler] = node.handlers  # type: ignore[attr-defined]
    orelse: list[ast.stmt] = node.orelse  # type: ignore[attr-defined]
    finalbody: list[ast.stmt] = node.finalbody  # type: ignore[attr-defined]
    signal: str | None
    if handlers and (failing := imports_that_fail(machine, body, frame)) is not None:
        run(machine, body[:failing], frame)
        signal = run(machine, handlers[0].body, frame)
    else:
        ended = len(machine.ended)
        signal = run(machine, body, frame)
        if signal is None:
            signal = run(machine, orelse, frame)
        if signal == "raise" and handlers:
            signal = run(machine, handlers[0].body, frame)
        elif len(machine.ended) > ended:
            catching = [handler for handler in handlers if _catches(machine, handler, frame)]
            signal = _or_handled(machine, frame, machine.ended[ended].unknown, signal, catching)
    ending = run(machine, finalbody, frame)
    return ending or signal


def _or_handled(
    machine: Machine, frame: Frame, cause: Unknown, signal: str | None, handlers: Sequence[ast.ExceptHandler]
) -> str | None:
    """Go on after a block that ends an export, which may raise: then one of the handlers has run."""
    after = frame.names.values
    ends: list[End] = [(signal, dict(after))]
    try:
        for handler in handlers:
            frame.names.values = dict(after)
            if handler.name is not None:
                frame.names.values[handler.name] = Opaque(frame.module.unknown(handler.type or handler))
            with machine.under(cause):
                ends.append((run(machine, handler.body, frame), frame.names.values))
    finally:
        frame.names.values = after
    return _met(machine, frame, cause, ends) if handlers else signal


def _catches(machine: Machine, handler: ast.ExceptHandler, frame: Frame) -> bool:
    """Tell whether a handler takes what an export raises, which no narrower builtin exception is."""
    caught = machine.evaluate(machine, handler.type, frame) if handler.type is not None else None
    for kind in caught.items if isinstance(caught, Items) else [caught]:
        name = kind.name if isinstance(kind, External) else ""
        if not name.startswith("builtins.") or name in ("builtins.Exception", "builtins.BaseException"):
            return True
    return False
