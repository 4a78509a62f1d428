"""Names and what they stand for: assignment to targets, and look-up through scopes, modules and builtins."""

import ast
import builtins

from tpkg_analyzer.model.package import Unknown
from tpkg_analyzer.scan.exports.classes import member
from tpkg_analyzer.scan.exports.overriding import note_patch
from tpkg_analyzer.scan.exports.sequences import items_of
from tpkg_analyzer.scan.exports.state import Arguments, Frame, Machine, Site
from tpkg_analyzer.scan.exports.values import (
    NONE,
    Either,
    External,
    FunctionValue,
    Imported,
    Instance,
    Items,
    Known,
    ModuleValue,
    Namespace,
    Opaque,
    Table,
    Value,
    doubt_of,
    either,
)

_LONGEST_CHAIN = 30


def bind(names: Namespace, name: str, value: Value, machine: Machine) -> None:
    """Give a name its value in the scope that owns it."""
    owner = names
    if name in names.declared_global:
        owner = module_names(machine, names.module)
    elif name in names.declared_nonlocal and names.outer is not None:
        owner = names.outer
        while owner.outer is not None and name not in owner.values:
            owner = owner.outer
    owner.values[name] = value


def assign(machine: Machine, target: ast.expr, value: Value, frame: Frame) -> None:
    """Assign to a name, an attribute, an item, or several of them."""
    match target:
        case ast.Name(id=name):
            bind(frame.names, name, value, machine)
        case ast.Starred(value=inner):
            assign(machine, inner, value, frame)
        case ast.Tuple(elts=elements) | ast.List(elts=elements):
            _unpack(machine, elements, value, frame)
        case ast.Attribute(value=owner, attr=name):
            set_attribute(machine, machine.evaluate(machine, owner, frame), name, value, frame.site(target))
        case ast.Subscript(value=owner, slice=ast.Slice() as index):
            _set_slice(machine, machine.evaluate(machine, owner, frame), index, value, frame)
        case ast.Subscript(value=owner, slice=index):
            key = machine.evaluate(machine, index, frame)
            set_item(machine, machine.evaluate(machine, owner, frame), key, value, frame.site(target))
        case _:
            pass


def set_attribute(machine: Machine, owner: Value, name: str, value: Value, site: Site | None = None) -> None:
    """Set an attribute of an object, a class or a module, as an assignment does."""
    if isinstance(owner, Instance) and site is not None:
        custom = member(owner.cls, "__setattr__")
        if custom is not None and isinstance(custom[0], FunctionValue):
            machine.call(machine, custom[0], Arguments((owner, Known(name), value)), site)
            return
        setter = member(owner.cls, f"{name}.setter")
        if setter is not None:
            machine.call(machine, setter[0], Arguments((owner, value)), site)
            return
    note_patch(machine, owner, name, site)
    _put_attribute(machine, owner, name, value)


def _put_attribute(machine: Machine, owner: Value, name: str, value: Value) -> None:
    if isinstance(owner, Either):
        for option in owner.options:
            if isinstance(option, Instance):
                with machine.under(owner.cause):
                    _put_attribute(machine, option, name, value)
    elif isinstance(owner, Instance):
        cause = machine.doubt_since(owner.level)
        if cause is not None:
            old = owner.attributes.get(name)
            value = either([old if old is not None else Opaque(cause), value], cause)
        owner.attributes[name] = value
    elif isinstance(owner, ModuleValue) and machine.code.module(owner.name) is not None:
        module_names(machine, owner.name).values[name] = value
    elif hasattr(owner, "names") and isinstance(owner.names, Namespace):
        owner.names.values[name] = value


def set_item(machine: Machine, owner: Value, key: Value, value: Value, site: Site) -> None:
    """Set an item of a list or dictionary, or of an object that behaves like one."""
    if isinstance(owner, Instance):
        _set_item_of(machine, owner, key, value, site)
    elif isinstance(owner, Table) and owner.of is not None and isinstance(key, Known):
        set_attribute(machine, owner.of, str(key.value), value)
    elif isinstance(owner, Table):
        if owner.of is not None:
            owner.of.doubt = owner.of.doubt or site.unknown
        owner.doubt = owner.doubt or machine.doubt_since(owner.level)
        if not isinstance(key, Known):
            owner.doubt = owner.doubt or site.unknown
        owner.put(key, value)
    elif isinstance(owner, Items):
        owner.doubt = owner.doubt or machine.doubt_since(owner.level)
        match key:
            case Known(value=int(position)) if -len(owner.items) <= position < len(owner.items):
                owner.items[position] = value
            case _:
                owner.doubt = owner.doubt or site.unknown


def _set_item_of(machine: Machine, owner: Instance, key: Value, value: Value, site: Site) -> None:
    own = member(owner.cls, "__setitem__")
    if own is not None and isinstance(own[0], FunctionValue):
        machine.call(machine, own[0], Arguments((owner, key, value)), site)
    elif isinstance(owner.payload, Items | Table):
        set_item(machine, owner.payload, key, value, site)
    else:
        owner.doubt = owner.doubt or site.unknown


def slice_of(machine: Machine, index: ast.Slice, frame: Frame) -> tuple[slice | None, Unknown | None]:
    """Return the constants of a slice, or why they are not known."""
    limits = [
        machine.evaluate(machine, limit, frame) if limit is not None else NONE
        for limit in (index.lower, index.upper, index.step)
    ]
    known = [limit.value for limit in limits if isinstance(limit, Known) and isinstance(limit.value, int | None)]
    if len(known) == len(limits) and known[2] != 0:
        return slice(*known), None
    return None, next((cause for limit in limits if (cause := doubt_of(limit))), None)


def _set_slice(machine: Machine, owner: Value, index: ast.Slice, value: Value, frame: Frame) -> None:
    if not isinstance(owner, Items):
        return
    site = frame.site(index)
    cut, cause = slice_of(machine, index, frame)
    items, doubt = items_of(machine, value, site)
    changed = list(owner.items)
    try:
        changed[cut or slice(0)] = items
    except ValueError:  # an extended slice of another length
        cause = cause or site.unknown
    owner.items = changed
    owner.doubt = owner.doubt or doubt or machine.doubt_since(owner.level)
    if cut is None:
        owner.doubt = owner.doubt or cause or site.unknown


def delete(machine: Machine, target: ast.expr, frame: Frame) -> None:
    """Delete a name, an attribute or an item."""
    match target:
        case ast.Name(id=name):
            frame.names.values.pop(name, None)
        case ast.Attribute(value=owner, attr=name):
            value = machine.evaluate(machine, owner, frame)
            if isinstance(value, Instance) and machine.doubt_since(value.level) is None:
                value.attributes.pop(name, None)
        case ast.Subscript(value=owner, slice=ast.Slice() as index):
            gone = Items("list", [])
            _set_slice(machine, machine.evaluate(machine, owner, frame), index, gone, frame)
        case ast.Subscript(value=owner, slice=index):
            value = machine.evaluate(machine, owner, frame)
            _delete_item(machine, value, machine.evaluate(machine, index, frame), frame.site(target))
        case _:
            pass


def _delete_item(machine: Machine, owner: Value, key: Value, site: Site) -> None:
    match owner, key:
        case Table(), Known(value=wanted):
            owner.pairs = [pair for pair in owner.pairs if not (isinstance(pair[0], Known) and pair[0].value == wanted)]
            owner.doubt = owner.doubt or machine.doubt_since(owner.level)
        case Items(items=items), Known(value=int(position)) if -len(items) <= position < len(items):
            owner.items = [item for index, item in enumerate(items) if index != position % len(items)]
            owner.doubt = owner.doubt or machine.doubt_since(owner.level)
        case ((Items() | Table()), _):
            owner.doubt = owner.doubt or doubt_of(key) or site.unknown
        case _:
            pass


def lookup(machine: Machine, name: str, frame: Frame, site: Site) -> Value:
    """Return what a name stands for."""
    scope: Namespace | None = frame.names
    if name not in frame.names.declared_global:
        while scope is not None and scope.outer is not None:
            if name in scope.values and not (scope.is_class and scope is not frame.names):
                return resolved(machine, scope.values[name])
            scope = scope.outer
    found = module_attribute(machine, frame.module.name, name)
    if found is not None:
        return found
    if name == "__name__":
        return Known(machine.runs_as(frame.module.name), site.place)
    if name == "__file__":
        return Known(str(frame.module.path))
    if name == "__package__":
        return Known(frame.module.package)
    if hasattr(builtins, name):
        return External(f"builtins.{name}")
    return site.opaque


def module_names(machine: Machine, name: str) -> Namespace:
    """Return the names of a module, as far as they are evaluated."""
    if name not in machine.namespaces:
        machine.namespaces[name] = Namespace(name)
    return machine.namespaces[name]


def module_attribute(machine: Machine, module: str, name: str) -> Value | None:
    """Return a name of a module. What its top level does to that name is evaluated when it is first asked for."""
    source = machine.code.module(module)
    machine.spend()
    if source is None:
        return _without_source(machine, module, name)
    names = module_names(machine, module)
    around = machine.running.get(module)
    pending = [item for item in source.binding.get(name, ()) if id(item) not in machine.finished]
    if pending:
        frame = Frame(source, names)
        conditions, machine.conditions = machine.conditions, []
        try:
            for statement in pending:
                if id(statement) not in machine.finished and (around is None or _is_before(statement, around)):
                    machine.finished.add(id(statement))
                    machine.running[module] = statement
                    machine.run(machine, [statement], frame)
        finally:
            machine.conditions = conditions
            machine.running.pop(module, None)
            if around is not None:
                machine.running[module] = around
    if names.values.get(name) == Imported(module, name):  # a package that imports its own submodule
        return ModuleValue(f"{module}.{name}")
    if name in names.values:
        return resolved(machine, names.values[name])
    if source.is_package and machine.code.environment.locate(f"{module}.{name}") is not None:
        return ModuleValue(f"{module}.{name}")
    return _through_stars(machine, module, name)


def _is_before(statement: ast.stmt, other: ast.stmt) -> bool:
    return (statement.lineno, statement.col_offset) < (other.lineno, other.col_offset)


def resolved(machine: Machine, value: Value) -> Value:
    """Return what an imported name stands for."""
    for _ in range(_LONGEST_CHAIN):
        if not isinstance(value, Imported):
            return value
        found = module_attribute(machine, value.module, value.name)
        value = found if found is not None else External(f"{value.module}.{value.name}")
    return value


def _through_stars(machine: Machine, module: str, name: str) -> Value | None:
    source = machine.code.module(module)
    if source is None or name.startswith("__"):
        return None
    for written in source.stars:
        level = len(written) - len(written.lstrip("."))
        base = source.package
        for _ in range(level - 1):
            base = base.rpartition(".")[0]
        target = f"{base}.{written[level:]}".rstrip(".") if level else written
        key = f"{target}*{name}"
        if key in machine.namespaces:  # modules that import each other's stars
            continue
        machine.namespaces[key] = Namespace(target)
        try:
            found = module_attribute(machine, target, name) if machine.code.module(target) is not None else None
        finally:
            del machine.namespaces[key]
        if found is not None:
            return found
    return None


def _without_source(machine: Machine, module: str, name: str) -> Value | None:
    location = machine.code.environment.locate(module)
    if location is not None and location.is_package and machine.code.environment.locate(f"{module}.{name}"):
        return ModuleValue(f"{module}.{name}")
    return External(f"{module}.{name}")


def _unpack(machine: Machine, targets: list[ast.expr], value: Value, frame: Frame) -> None:
    items, doubt = items_of(machine, value, frame.site(targets[0]) if targets else frame.site(frame.module.tree))
    star = next((index for index, target in enumerate(targets) if isinstance(target, ast.Starred)), None)
    unknown = Opaque(doubt) if doubt is not None else None
    if unknown is not None or (star is None and len(items) != len(targets)):
        for target in targets:
            assign(machine, target, unknown or frame.site(target).opaque, frame)
        return
    if star is None:
        for target, item in zip(targets, items, strict=True):
            assign(machine, target, item, frame)
        return
    after = len(targets) - star - 1
    for target, item in zip(targets[:star], items, strict=False):
        assign(machine, target, item, frame)
    assign(machine, targets[star], Items("list", items[star : len(items) - after], machine.level), frame)
    for target, item in zip(targets[star + 1 :], items[len(items) - after :], strict=False):
        assign(machine, target, item, frame)
