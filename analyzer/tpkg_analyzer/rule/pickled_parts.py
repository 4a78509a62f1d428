"""What is certainly in the pickle of a value besides itself: items of displays, what wrappers and partials hold."""

from collections.abc import Iterator

import libcst as cst

from tpkg_analyzer.rule.bindings import bound_arguments
from tpkg_analyzer.rule.classes import Definition, ancestry, class_definition, class_scope, methods
from tpkg_analyzer.rule.context import Project
from tpkg_analyzer.rule.module import AnalyzedModule
from tpkg_analyzer.rule.scopes import BindingKind, Scope
from tpkg_analyzer.rule.sides import instance_in

_HOLDING = frozenset(
    {
        "functools.partial",
        *(f"torch.nn.{name}" for name in ("Sequential", "ModuleList", "ModuleDict", "DataParallel")),
        "torch.nn.parallel.DataParallel",
    }
)
"""What keeps all that it is given, and gives it to pickle."""
_PLAIN_BASES = frozenset(
    {
        *("torch.nn.Module", "torch.nn.modules.module.Module", "torch.utils.data.Dataset"),
        *("builtins.object", "abc.ABC", "typing.Generic"),
    }
)
"""Bases of which objects are pickled with all their attributes."""
_OWN_WAYS = frozenset(
    {"__getstate__", "__reduce__", "__reduce_ex__", "__getnewargs_ex__", "__new__", "__setattr__", "__slots__"}
)
_DEPTH = 6


def pickled_parts(
    project: Project, module: AnalyzedModule, value: cst.BaseExpression, scope: Scope, depth: int = _DEPTH
) -> Iterator[tuple[cst.BaseExpression, Scope]]:
    """Yield a value and what is in it, each with its scope; for the type of an object, the object."""
    match value:
        case cst.Dict(elements=elements) | cst.List(elements=elements) | cst.Tuple(elements=elements):
            inner = [(item.value, scope) for item in elements]
        case _ if (instance := instance_in(module, value, scope)) is not None:
            yield instance, scope  # its pickle names the class, and so does the class itself
            return
        case _:
            yield value, scope
            inner = list(_held(project, module, value, scope))
    if depth:
        for part, around in inner:
            yield from pickled_parts(project, module, part, around, depth - 1)


def _held(
    project: Project, module: AnalyzedModule, value: cst.BaseExpression, scope: Scope
) -> Iterator[tuple[cst.BaseExpression, Scope]]:
    if isinstance(value, cst.Name) and (found := scope.lookup(value.value)) is not None and len(found[1]) == 1:
        (binding,) = found[1]
        if binding.kind is BindingKind.ASSIGNMENT and isinstance(binding.value, cst.Call):
            yield from _held(project, module, binding.value, found[0])
        return
    if not isinstance(value, cst.Call) or any(item.star for item in value.args):
        return
    name = module.qualified(value.func, scope)
    if name in _HOLDING:
        yield from ((item.value, scope) for item in value.args)
    elif (cls := class_definition(project, name)) is not None:
        yield from ((item, scope) for item in _kept_arguments(project, module, cls, value))


def _kept_arguments(
    project: Project, module: AnalyzedModule, cls: Definition, call: cst.Call
) -> Iterator[cst.BaseExpression]:
    """Yield the arguments that the `__init__` of a class keeps in attributes which nothing else sets."""
    known, foreign = ancestry(project, cls)
    scopes = [scope for item in known if (scope := class_scope(item)) is not None]
    names = {name for scope in scopes for name in scope.bindings}
    own = [item for item in methods(cls) if item.name.value == "__init__"]
    if not foreign <= _PLAIN_BASES or not names.isdisjoint(_OWN_WAYS) or len(own) != 1 or own[0].decorators:
        return
    kept = dict(_kept(own[0]))
    for parameter, given in bound_arguments(own[0], call, 1):
        attribute = kept.get(parameter.name.value)
        if attribute is None or given is None or given is parameter.default or attribute in names:
            continue
        if sum(_times_set(home, cls, attribute) for home in {cls.module, module}) == 1:
            yield given


def _times_set(module: AnalyzedModule, cls: Definition, attribute: str) -> int:
    """Count the assignments in a module to an attribute of this name, but for those to `self` of other classes."""
    count = 0
    for target, scope in module.sites(cst.AssignTarget):
        match target.target:
            case cst.Attribute(value=owner, attr=cst.Name(value=name)) if name == attribute:
                around = scope.enclosing_class
                is_other = around is not None and around.node is not cls.node
                count += not (is_other and isinstance(owner, cst.Name) and owner.value == "self")
    return count


def _kept(function: cst.FunctionDef) -> Iterator[tuple[str, str]]:
    """Yield the parameters that are assigned to attributes of `self`, as they are and in any case, with these."""
    if not function.params.params:
        return
    this = function.params.params[0].name.value
    for line in function.body.body:
        for statement in line.body if isinstance(line, cst.SimpleStatementLine) else ():
            match statement:
                case cst.Assign(
                    targets=[
                        cst.AssignTarget(
                            target=cst.Attribute(value=cst.Name(value=owner), attr=cst.Name(value=attribute))
                        )
                    ],
                    value=cst.Name(value=parameter),
                ) if owner == this:
                    yield parameter, attribute
