"""Expressions: what the code says, as far as it is certain."""

import ast
from collections.abc import Callable

from tpkg_analyzer.model.package import Unknown
from tpkg_analyzer.scan.exports.bindings import assign, lookup, slice_of
from tpkg_analyzer.scan.exports.classes import NAMED_TUPLE, bases_named, is_enum, method
from tpkg_analyzer.scan.exports.definitions import define_function
from tpkg_analyzer.scan.exports.enums import members_of
from tpkg_analyzer.scan.exports.operators import binary, compare, unary
from tpkg_analyzer.scan.exports.scalars import scalar
from tpkg_analyzer.scan.exports.sequences import items_of, unique
from tpkg_analyzer.scan.exports.state import Arguments, Frame, Machine, Site
from tpkg_analyzer.scan.exports.text import formatted
from tpkg_analyzer.scan.exports.values import (
    NONE,
    Bound,
    ClassValue,
    Either,
    External,
    Instance,
    Items,
    Known,
    ModuleValue,
    Namespace,
    Opaque,
    Super,
    Table,
    Value,
    doubt_of,
    either,
    truth,
)

_Comprehension = ast.ListComp | ast.SetComp | ast.GeneratorExp
_MOST_ITEMS = 2000


def evaluate(machine: Machine, node: ast.expr, frame: Frame) -> Value:
    """Return the value of an expression."""
    machine.spend()
    if isinstance(node, ast.Constant):
        is_text = isinstance(node.value, str)
        return Known(node.value, frame.module.place(node), is_literal=True) if is_text else Known(node.value)
    site = frame.site(node)
    if isinstance(node, ast.Name):
        return lookup(machine, node.id, frame, site)
    match node:
        case ast.Attribute(value=owner, attr=name):
            receiver = evaluate(machine, owner, frame)
            found = machine.attribute(machine, receiver, name, site)
            if found is None and isinstance(receiver, Opaque) and receiver.is_scalar:
                return Bound(receiver, name)
            return found if found is not None else Opaque(doubt_of(receiver) or site.unknown)
        case ast.Call():
            return _call(machine, node, frame, site)
        case ast.List(elts=elements) | ast.Tuple(elts=elements) | ast.Set(elts=elements):
            return _display(machine, node, elements, frame)
        case ast.Dict(keys=keys, values=values):
            return _table(machine, keys, values, frame)
        case ast.JoinedStr(values=parts):
            return formatted(machine, parts, frame, site)
        case ast.BinOp(left=left, op=operation, right=right):
            return binary(machine, operation, evaluate(machine, left, frame), evaluate(machine, right, frame), site)
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            denied = evaluate(machine, operand, frame)
            answer = truth(denied)
            return scalar(doubt_of(denied) or site.unknown) if answer is None else Known(not answer)
        case ast.UnaryOp(op=operation, operand=operand):
            return unary(operation, evaluate(machine, operand, frame), site)
        case ast.BoolOp(op=operation, values=values):
            return _boolean(machine, operation, values, frame, site)
        case ast.Compare():
            return _comparison(machine, node, frame, site)
        case ast.IfExp(test=test, body=body, orelse=orelse):
            return _conditional(machine, test, body, orelse, frame)
        case ast.ListComp() | ast.SetComp() | ast.GeneratorExp() | ast.DictComp():
            return _comprehension(machine, node, frame)
        case ast.Lambda():
            return define_function(machine, node, frame)
        case ast.Subscript(value=owner, slice=index):
            return _item(machine, evaluate(machine, owner, frame), index, frame, site)
        case ast.NamedExpr(target=target, value=value):
            result = evaluate(machine, value, frame)
            assign(machine, target, result, frame)
            return result
        case ast.Starred(value=value) | ast.Await(value=value):
            return evaluate(machine, value, frame)
        case ast.Yield(value=value):
            given = evaluate(machine, value, frame) if value is not None else NONE
            if frame.on_yield is not None:
                frame.on_yield(given)
            else:
                frame.yielded.append(given)
            return site.opaque
        case ast.YieldFrom(value=value):
            items, doubt = items_of(machine, evaluate(machine, value, frame), site)
            frame.yielded += [*items, Opaque(doubt)] if doubt is not None else items
            return site.opaque
        case _:
            return site.opaque


def _call(machine: Machine, node: ast.Call, frame: Frame, site: Site) -> Value:
    if isinstance(node.func, ast.Name) and node.func.id == "super" and not node.args:
        return _super(frame, site)
    function = evaluate(machine, node.func, frame)
    positional: list[Value] = []
    nodes: list[ast.expr] = []
    keywords: list[tuple[str, Value]] = []
    doubt: Unknown | None = None
    for item in node.args:
        value = evaluate(machine, item, frame)
        if isinstance(item, ast.Starred):
            items, unknown = items_of(machine, value, frame.site(item))
            positional += items
            nodes += [item.value] * len(items)
            doubt = doubt or unknown
        else:
            positional.append(value)
            nodes.append(item)
    for keyword in node.keywords:
        value = evaluate(machine, keyword.value, frame)
        if keyword.arg is not None:
            keywords.append((keyword.arg, value))
        elif isinstance(value, Table):
            named = [(key.value, item) for key, item in value.pairs if isinstance(key, Known)]
            keywords += named
            doubt = doubt or value.doubt
        else:
            doubt = doubt or doubt_of(value) or frame.site(keyword.value).unknown
    return machine.call(machine, function, Arguments(tuple(positional), tuple(keywords), doubt, tuple(nodes)), site)


def _super(frame: Frame, site: Site) -> Value:
    function = frame.function
    if function is None or function.owner is None or frame.receiver is None:
        return site.opaque
    return Super(frame.receiver, function.owner)


def _display(machine: Machine, node: ast.expr, elements: list[ast.expr], frame: Frame) -> Value:
    items: list[Value] = []
    doubt: Unknown | None = None
    for element in elements:
        value = evaluate(machine, element, frame)
        if isinstance(element, ast.Starred):
            inner, unknown = items_of(machine, value, frame.site(element))
            items += inner
            doubt = doubt or unknown
        else:
            items.append(value)
    kind = {ast.List: "list", ast.Tuple: "tuple", ast.Set: "set"}[type(node)]
    return Items(kind, unique(items) if kind == "set" else items, machine.level, doubt, frame.module.place(node))


def _table(machine: Machine, keys: list[ast.expr | None], values: list[ast.expr], frame: Frame) -> Value:
    table = Table("dict", [], machine.level)
    for key, item in zip(keys, values, strict=True):
        value = evaluate(machine, item, frame)
        if key is None:
            if isinstance(value, Table):
                table.put_all(value)
            else:
                table.doubt = table.doubt or doubt_of(value) or frame.site(item).unknown
        else:
            table.put(evaluate(machine, key, frame), value)
    return table


def _boolean(machine: Machine, operation: ast.boolop, values: list[ast.expr], frame: Frame, site: Site) -> Value:
    stops = isinstance(operation, ast.Or)
    options: list[Value] = []
    cause: Unknown | None = None
    for item in values:
        value = evaluate(machine, item, frame)
        answer = truth(value)
        if answer is stops:
            return either([*options, value], cause) if cause is not None else value
        if answer is None:
            options.append(value)
            cause = cause or doubt_of(value) or site.unknown
        last = value
    if cause is None:
        return last
    return either(options if options and options[-1] is last else [*options, last], cause)


def _comparison(machine: Machine, node: ast.Compare, frame: Frame, site: Site) -> Value:
    left = evaluate(machine, node.left, frame)
    result: Value = Known(True)
    for operation, comparator in zip(node.ops, node.comparators, strict=True):
        right = evaluate(machine, comparator, frame)
        result = compare(machine, operation, left, right, site)
        if truth(result) is not True:
            return result
        left = right
    return result


def _conditional(machine: Machine, test: ast.expr, body: ast.expr, orelse: ast.expr, frame: Frame) -> Value:
    answer = truth(evaluate(machine, test, frame))
    if answer is not None:
        return evaluate(machine, body if answer else orelse, frame)
    cause = frame.module.unknown(test)
    with machine.under(cause):
        return either([evaluate(machine, body, frame), evaluate(machine, orelse, frame)], cause)


def _comprehension(machine: Machine, node: _Comprehension | ast.DictComp, frame: Frame) -> Value:
    inner = Frame(frame.module, Namespace(frame.names.module, {}, frame.names), frame.function, frame.receiver)
    made: list[Value] = []
    table = Table("dict", [], machine.level)

    def element() -> None:
        if isinstance(node, ast.DictComp):
            table.put(evaluate(machine, node.key, inner), evaluate(machine, node.value, inner))
        else:
            made.append(evaluate(machine, node.elt, inner))

    left_out: list[Unknown] = []
    more = _generate(machine, node.generators, inner, element, left_out)
    doubt = more or (left_out[0] if left_out else None)
    if isinstance(node, ast.DictComp):
        table.doubt = doubt
        return table
    kind = "set" if isinstance(node, ast.SetComp) else "list"
    items = unique(made) if kind == "set" else made
    # A list can be changed by what comes later.
    is_all = more is None and isinstance(node, ast.GeneratorExp)
    return Items(kind, items, machine.level, doubt, is_all_there_can_be=is_all)


def _generate(
    machine: Machine,
    generators: list[ast.comprehension],
    inner: Frame,
    element: Callable[[], None],
    left_out: list[Unknown],
) -> Unknown | None:
    """Make the elements; return why there may be more of them, and collect why some may be left out."""
    if not generators:
        element()
        return None
    first, rest = generators[0], generators[1:]
    items, doubt = items_of(machine, evaluate(machine, first.iter, inner), inner.site(first.iter))
    if doubt is not None:
        assign(machine, first.target, Opaque(doubt), inner)
    for item in items[:_MOST_ITEMS]:
        assign(machine, first.target, item, inner)
        answers = [(test, truth(evaluate(machine, test, inner))) for test in first.ifs]
        if any(answer is False for _, answer in answers):
            continue
        unclear = next((test for test, answer in answers if answer is None), None)
        if unclear is not None:
            left_out.append(inner.module.unknown(unclear))
        doubt = _generate(machine, rest, inner, element, left_out) or doubt
    return doubt


def _item(machine: Machine, owner: Value, index: ast.expr, frame: Frame, site: Site) -> Value:
    if isinstance(index, ast.Slice):
        return _slice(machine, owner, index, frame, site)
    key = evaluate(machine, index, frame)
    if isinstance(owner, Instance) and isinstance(owner.payload, Items | Table):
        owner = owner.payload
    if isinstance(owner, Instance) and NAMED_TUPLE in bases_named(owner.cls):
        items, doubt = items_of(machine, owner, site)
        owner = Items("tuple", items, 0, doubt)
    if isinstance(owner, Instance) and isinstance(owner.cls, ClassValue):
        own = method(owner.cls, "__getitem__")
        return machine.call(machine, own, Arguments((owner, key)), site) if own is not None else site.opaque
    match owner, key:
        case Items(items=items), Known(value=int(position)) if -len(items) <= position < len(items):
            return Opaque(owner.doubt) if owner.doubt is not None else items[position]
        case Known(value=str(text)), Known(value=int(position)) if -len(text) <= position < len(text):
            return Known(text[position], owner.place)
        case Table(pairs=pairs), Known(value=wanted):
            for known, value in reversed(pairs):
                if isinstance(known, Known) and known.value == wanted:
                    return value if owner.doubt is None else either([value, Opaque(owner.doubt)], owner.doubt)
            return Opaque(owner.doubt or site.unknown)
        case Table(pairs=pairs), _ if doubt_of(key) is None:
            found = next((value for known, value in pairs if known is key or known == key), None)
            return found if found is not None and owner.doubt is None else Opaque(owner.doubt or site.unknown)
        case Either(options=options), _:
            return either([_plain_item(option, key, site) for option in options], owner.cause)
        case Instance(cls=External(name="torch.Size")), _:
            return scalar(doubt_of(key) or site.unknown)
        case External(name="sys.modules"), Known(value=str(name)):
            return ModuleValue(name)
        case ClassValue(), Known(value=str(name)) if is_enum(owner) and name in members_of(owner):
            return members_of(owner)[name]
        case ClassValue(), _:
            return owner  # a generic class with its parameters
        case External(name=name), _ if name.rpartition(".")[2][:1].isupper():
            return owner
        case _:
            return Opaque(doubt_of(owner) or doubt_of(key) or site.unknown)


def _plain_item(owner: Value, key: Value, site: Site) -> Value:
    match owner, key:
        case Items(items=items, doubt=None), Known(value=int(position)) if -len(items) <= position < len(items):
            return items[position]
    return Opaque(doubt_of(owner) or site.unknown)


def _slice(machine: Machine, owner: Value, index: ast.Slice, frame: Frame, site: Site) -> Value:
    cut, cause = slice_of(machine, index, frame)
    if cut is not None:
        if isinstance(owner, Items):
            return Items(owner.kind, owner.items[cut], machine.level, owner.doubt)
        if isinstance(owner, Known) and isinstance(owner.value, str):
            return Known(owner.value[cut], owner.place)
    if isinstance(owner, Instance) and owner.cls == External("torch.Size"):
        return owner
    return Opaque(cause or doubt_of(owner) or site.unknown)
