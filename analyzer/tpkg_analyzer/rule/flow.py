"""Follows values from PackageImporter through names, attributes, calls, returns, containers and loops.

Works backwards from an expression to all that can give its value, in this module and in others of the project. Where
one of them is not certain, nothing is.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import TypeAlias

import libcst as cst

from tpkg_analyzer.rule.bindings import (
    IMPORTERS,
    added_elements,
    attribute_values,
    bound_arguments,
    calls_of,
    returned_values,
    scope_of,
    unpacked_from,
)
from tpkg_analyzer.rule.calls import argument
from tpkg_analyzer.rule.classes import class_definition, class_scope, definition
from tpkg_analyzer.rule.constants import constant_string
from tpkg_analyzer.rule.context import Project
from tpkg_analyzer.rule.enums import has_member
from tpkg_analyzer.rule.given import may_get_attribute, may_get_class
from tpkg_analyzer.rule.importer_classes import importer_made
from tpkg_analyzer.rule.loaded import attribute_class, loaded_class
from tpkg_analyzer.rule.module import AnalyzedModule
from tpkg_analyzer.rule.origins import Kind, Origin, agreed
from tpkg_analyzer.rule.scopes import Binding, BindingKind, Scope

Frame: TypeAlias = Mapping[cst.Param, Origin | None]

_DEPTH = 24
_SAME_OBJECT = frozenset(
    {"to", "eval", "train", "cpu", "cuda", "half", "float", "double", "bfloat16", "requires_grad_", "share_memory"}
)
_PASSED_ON = {"copy.copy": 0, "copy.deepcopy": 0, "typing.cast": 1, "builtins.iter": 0, "builtins.list": 0}
_PASSED_ON |= {f"builtins.{name}": 0 for name in ("tuple", "set", "sorted", "reversed", "frozenset")}


class Flow:
    """Answers for one project; keeps no answer, so that it can be made for every check."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._active: set[object] = set()

    def origin(
        self,
        module: AnalyzedModule,
        expression: cst.CSTNode,
        scope: Scope,
        frame: Frame | None = None,
        depth: int = _DEPTH,
    ) -> Origin | None:
        """Return the origin of an expression's value, None where it is not certain."""
        if depth == 0:
            return None
        frame = frame or {}
        depth -= 1
        match expression:
            case cst.Name(value="None"):
                return Origin(Kind.NOTHING, module, expression)
            case cst.Name(value=name):
                return self._name(module, name, scope, frame, depth)
            case cst.Call():
                return self._call(module, expression, scope, frame, depth)
            case cst.Attribute(value=inner, attr=cst.Name(value=name)):
                return self._attribute(module, expression, inner, name, scope, frame, depth)
            case cst.Subscript(value=inner):
                owner = self.origin(module, inner, scope, frame, depth)
                if owner is None:
                    return None
                return owner.element if owner.kind is Kind.CONTAINER else _part(owner)
            case cst.NamedExpr(value=inner) | cst.Await(expression=inner):
                return self.origin(module, inner, scope, frame, depth)
            case cst.IfExp(body=body, orelse=other) | cst.BooleanOperation(left=body, right=other):
                return agreed([self.origin(module, item, scope, frame, depth) for item in (body, other)])
            case cst.List(elements=elements) | cst.Tuple(elements=elements) | cst.Set(elements=elements):
                return self._container(module, expression, [item.value for item in elements], scope, frame, depth)
            case cst.Dict(elements=pairs):
                return self._container(module, expression, [item.value for item in pairs], scope, frame, depth)
            case cst.ListComp(elt=element) | cst.SetComp(elt=element) | cst.GeneratorExp(elt=element):
                return self._comprehended(module, expression, element, frame, depth)
            case cst.DictComp(value=element):
                return self._comprehended(module, expression, element, frame, depth)
            case _:
                return None

    def _container(
        self,
        module: AnalyzedModule,
        node: cst.CSTNode,
        values: Iterable[cst.BaseExpression],
        scope: Scope,
        frame: Frame,
        depth: int,
    ) -> Origin | None:
        elements = [self.origin(module, value, scope, frame, depth) for value in values]
        return _holding(module, node, elements)

    def _comprehended(
        self, module: AnalyzedModule, node: cst.CSTNode, element: cst.BaseExpression, frame: Frame, depth: int
    ) -> Origin | None:
        inner = scope_of(module, element)
        return _holding(module, node, [self.origin(module, element, inner, frame, depth)]) if inner else None

    def _call(self, module: AnalyzedModule, call: cst.Call, scope: Scope, frame: Frame, depth: int) -> Origin | None:
        qualified = module.qualified(call.func, scope)
        if qualified in IMPORTERS:
            return Origin(Kind.IMPORTER, module, call, call)
        if qualified in _PASSED_ON and len(call.args) > _PASSED_ON[qualified]:
            return self.origin(module, call.args[_PASSED_ON[qualified]].value, scope, frame, depth)
        if qualified == "builtins.type" and len(call.args) == 1:
            made = self.origin(module, call.args[0].value, scope, frame, depth)
            is_known = made is not None and made.kind is Kind.OBJECT and made.name is not None
            return _class_of(made) if made is not None and is_known else None
        if qualified == "builtins.next" and call.args:
            container = self.origin(module, call.args[0].value, scope, frame, depth)
            return container.element if container and container.kind is Kind.CONTAINER else None
        if isinstance(call.func, cst.Attribute):
            owner = self.origin(module, call.func.value, scope, frame, depth)
            found = self._method(module, call, owner, call.func.attr.value, scope, frame, depth)
            if found is not None or (owner is not None and owner.kind is not Kind.MODULE):
                return found
        made = self.origin(module, call.func, scope, frame, depth)
        if made is not None and made.kind is Kind.CLASS:
            return Origin(Kind.OBJECT, module, call, made.importer, made.name)
        if made is not None and made.kind is Kind.FUNCTION:
            return self._packaged_result(module, call, made, depth)
        return self._host_call(module, call, qualified, scope, frame, depth) if made is None else None

    def _method(
        self,
        module: AnalyzedModule,
        call: cst.Call,
        owner: Origin | None,
        name: str,
        scope: Scope,
        frame: Frame,
        depth: int,
    ) -> Origin | None:
        """Return what a method gives: loads, what returns its own object, views of containers, methods of the host."""
        if owner is None:
            inside = scope.enclosing_class
            if isinstance(call.func, cst.Attribute) and _is_self(call.func.value) and inside is not None:
                return self._own_method(module, inside.node, name, call, scope, frame, depth)
            return None
        match owner.kind:
            case Kind.IMPORTER if name == "load_pickle":
                known = loaded_class(self._project, owner, module, call, scope)
                return Origin(Kind.OBJECT, module, call, owner.importer, known, loads=call)
            case Kind.IMPORTER if name == "import_module":
                asked = argument(call, 0, "name")
                known = constant_string(module, asked, scope) if asked is not None else None
                return Origin(Kind.MODULE, module, call, owner.importer, known)
            case Kind.OBJECT if name in _SAME_OBJECT:
                return owner
            case Kind.CONTAINER if name in ("values", "copy"):
                return owner
            case Kind.CONTAINER if name in ("get", "pop", "setdefault", "popleft"):
                return owner.element
            case Kind.HOST_OBJECT:
                found = class_definition(self._project, owner.name)
                return self._own_method(found.module, found.node, name, call, scope, frame, depth) if found else None
            case _:
                return None

    def _own_method(
        self,
        module: AnalyzedModule,
        cls: cst.CSTNode,
        name: str,
        call: cst.Call,
        scope: Scope,
        frame: Frame,
        depth: int,
    ) -> Origin | None:
        if not isinstance(cls, cst.ClassDef) or not isinstance(cls.body, cst.IndentedBlock):
            return None
        found = [item for item in cls.body.body if isinstance(item, cst.FunctionDef) and item.name.value == name]
        if len(found) != 1:
            return None
        return self._returned(module, found[0], module, call, scope, frame, depth, skipped=1)

    def _host_call(
        self, module: AnalyzedModule, call: cst.Call, qualified: str | None, scope: Scope, frame: Frame, depth: int
    ) -> Origin | None:
        """Return what a call of the project's own function gives, or an object of its class."""
        found = definition(self._project, qualified)
        if found is not None and isinstance(found.node, cst.ClassDef):
            top = found.module.index.top
            made = importer_made(self._project, module, call, found.module, found.node, top)
            return made or Origin(Kind.HOST_OBJECT, module, call, name=found.name)
        if found is not None and isinstance(found.node, cst.FunctionDef):
            return self._returned(found.module, found.node, module, call, scope, frame, depth)
        if isinstance(call.func, cst.Name) and (local := scope.lookup(call.func.value)) is not None:
            owner, bindings = local
            if len(bindings) == 1 and isinstance(function := bindings[0].node, cst.FunctionDef):
                return self._returned(module, function, module, call, scope, frame, depth)
            if len(bindings) == 1 and isinstance(cls := bindings[0].node, cst.ClassDef):
                return importer_made(self._project, module, call, module, cls, owner)
        return None

    def _returned(
        self,
        home: AnalyzedModule,
        function: cst.FunctionDef,
        module: AnalyzedModule,
        call: cst.Call,
        scope: Scope,
        frame: Frame,
        depth: int,
        *,
        skipped: int = 0,
    ) -> Origin | None:
        """Return what all returns of a function agree on, with the arguments of this call in its parameters."""
        values = returned_values(home, function)
        if not values or function in self._active:
            return None
        arguments = {
            parameter: self.origin(module, value, scope, frame, depth) if value is not None else None
            for parameter, value in bound_arguments(function, call, skipped)
        }
        self._active.add(function)
        try:
            return agreed([self.origin(home, value, inner, arguments, depth) for value, inner in values])
        finally:
            self._active.discard(function)

    def _packaged_result(self, module: AnalyzedModule, call: cst.Call, function: Origin, depth: int) -> Origin | None:
        """Return an object of the package where its function returns nothing but new objects of its own classes."""
        found = definition(self._project, function.name)
        if found is None or not isinstance(found.node, cst.FunctionDef):
            return None
        values = [
            self.origin(found.module, value, inner, None, depth)
            for value, inner in returned_values(found.module, found.node)
        ]
        result = agreed(list(values))
        if result is None or result.kind is not Kind.HOST_OBJECT or not self._is_interned(result.name):
            return None
        return Origin(Kind.OBJECT, module, call, function.importer, result.name)

    def _attribute(
        self,
        module: AnalyzedModule,
        node: cst.Attribute,
        inner: cst.BaseExpression,
        name: str,
        scope: Scope,
        frame: Frame,
        depth: int,
    ) -> Origin | None:
        if _is_self(inner) and (around := scope.enclosing_class) is not None:
            return self._attribute_of(module, around, name, depth)
        owner = self.origin(module, inner, scope, frame, depth)
        if owner is None:
            return self._global(module.qualified(node, scope), depth)
        match owner.kind:
            case Kind.MODULE:
                return self._module_attribute(module, node, owner, name)
            case Kind.OBJECT:
                if name == "__class__":
                    return _class_of(owner)
                if may_get_attribute(self._project, module, name):
                    return None  # it may be a value of the host
                return replace(owner.part(), name=attribute_class(self._project, owner.name, name))
            case Kind.CLASS:
                found = class_definition(self._project, owner.name)
                is_member = found is not None and has_member(self._project, found, name)
                return replace(owner.part(), name=owner.name if is_member else None)
            case Kind.HOST_OBJECT:
                found = class_definition(self._project, owner.name)
                inside = class_scope(found) if found else None
                return self._attribute_of(found.module, inside, name, depth) if found and inside else None
            case _:
                return None

    def _module_attribute(self, module: AnalyzedModule, node: cst.CSTNode, owner: Origin, name: str) -> Origin | None:
        full = f"{owner.name}.{name}" if owner.name else None
        found = definition(self._project, full)
        if found is None:
            # Nothing is known of the module, and it may share what it imports with the host.
            return owner.part() if self._makes_sentinel(owner.name, name) else None
        if not self._is_interned(found.name):
            return None
        kind = Kind.CLASS if isinstance(found.node, cst.ClassDef) else Kind.FUNCTION
        return Origin(kind, module, node, owner.importer, found.name)

    def _makes_sentinel(self, home: str | None, name: str) -> bool:
        """Tell whether a name of an interned module is only ever what `object()` gives there."""
        if home is None or not self._project.interning(home) or (module := self._project.module(home)) is None:
            return False
        top = module.index.top
        bindings = top.bindings.get(name, [])
        value = bindings[0].value if len(bindings) == 1 and bindings[0].kind is BindingKind.ASSIGNMENT else None
        return isinstance(value, cst.Call) and module.qualified(value.func, top) == "builtins.object"

    def _is_interned(self, name: str | None) -> bool:
        return bool(name and self._project.interning(name.rpartition(".")[0]))

    def _attribute_of(self, module: AnalyzedModule, cls: Scope, name: str, depth: int) -> Origin | None:
        """Return what every assignment to `self.name` in a class, and to the name in its body, gives."""
        key = (cls.node, name)
        if key in self._active:
            return Origin(Kind.NOTHING, module, cls.node)
        values = [(value, inner) for value, inner in attribute_values(module, name) if inner.enclosing_class is cls]
        if any(item.value is None for item in cls.bindings.get(name, ()) if item.kind is not BindingKind.ASSIGNMENT):
            return None
        values += [(item.value, cls) for item in cls.bindings.get(name, ()) if item.value is not None]
        return self._all(module, key, values, {}, depth)

    def _all(
        self,
        module: AnalyzedModule,
        key: object,
        values: Iterable[tuple[cst.BaseExpression, Scope]],
        frame: Frame,
        depth: int,
    ) -> Origin | None:
        self._active.add(key)
        try:
            return agreed([self.origin(module, value, inner, frame, depth) for value, inner in values])
        finally:
            self._active.discard(key)

    def _global(self, qualified: str | None, depth: int) -> Origin | None:
        """Return the origin of a name at the top level of another module of the project."""
        home, _, name = (qualified or "").rpartition(".")
        if not home or not self._project.is_first_party(home) or (module := self._project.module(home)) is None:
            return None
        return self._name(module, name, module.index.top, {}, depth)

    def _name(self, module: AnalyzedModule, name: str, scope: Scope, frame: Frame, depth: int) -> Origin | None:
        found = scope.lookup(name)
        if found is None:
            return None
        owner, bindings = found
        key = (owner, name)
        if key in self._active:
            return Origin(Kind.NOTHING, module, owner.node)
        self._active.add(key)
        try:
            origins = [self._binding(module, name, binding, owner, frame, depth) for binding in bindings]
            result = agreed(origins)
            if result is not None and result.kind is Kind.OBJECT and may_get_class(self._project, module):
                return None
            if result is not None and result.kind is Kind.CONTAINER:
                added = [
                    self.origin(module, value, inner, frame, depth)
                    for value, inner in added_elements(module, name, owner)
                ]
                return _holding(module, result.source, [result.element, *added] if result.element else added)
            return result
        finally:
            self._active.discard(key)

    def _binding(
        self, module: AnalyzedModule, name: str, binding: Binding, owner: Scope, frame: Frame, depth: int
    ) -> Origin | None:
        match binding.kind:
            case BindingKind.ASSIGNMENT if binding.value is not None:
                return self.origin(module, binding.value, owner, frame, depth)
            case BindingKind.IMPORT:
                return self._global(binding.target, depth)
            case BindingKind.PARAMETER if isinstance(binding.node, cst.Param):
                return self._parameter(module, binding.node, owner, frame, depth)
            case BindingKind.OTHER:
                return self._unpacked(module, name, binding, owner, frame, depth)
            case _:
                return None

    def _unpacked(
        self, module: AnalyzedModule, name: str, binding: Binding, owner: Scope, frame: Frame, depth: int
    ) -> Origin | None:
        """Return the origin of the variable of a loop, or of one name of an unpacked value."""
        source = unpacked_from(name, binding.node)
        if source is None:
            return None
        found = self.origin(module, source.value, owner, frame, depth)
        if found is None or not source.is_element:
            return found
        return found.element if found.kind is Kind.CONTAINER else _part(found)

    def _parameter(
        self, module: AnalyzedModule, parameter: cst.Param, owner: Scope, frame: Frame, depth: int
    ) -> Origin | None:
        if parameter in frame:
            return frame[parameter]
        annotation = parameter.annotation.annotation if parameter.annotation else None
        if annotation is not None and module.qualified(annotation, owner) in IMPORTERS:
            return Origin(Kind.IMPORTER, module, parameter)
        if not isinstance(owner.node, cst.FunctionDef):
            return None
        calls = calls_of(module, owner.node, owner)
        if not calls:
            return None
        values = []
        for call, scope in calls:
            given = dict(bound_arguments(owner.node, call, 0))
            value = given.get(parameter)
            if value is None:
                return None
            values.append((value, scope))
        return self._all(module, parameter, values, {}, depth)


def _class_of(made: Origin) -> Origin:
    """Return the class of an object of a package, where that is known; else something of the same package."""
    return replace(made, kind=Kind.CLASS, loads=None) if made.name is not None else made.part()


def _part(owner: Origin) -> Origin | None:
    return owner.part() if owner.kind is Kind.OBJECT else None


def _holding(module: AnalyzedModule, node: cst.CSTNode, elements: list[Origin | None]) -> Origin | None:
    """Return a container of elements of one origin; an empty one holds what is put in later."""
    element = agreed(elements)
    if elements and (element is None or element.kind is Kind.NOTHING):
        return None
    return Origin(Kind.CONTAINER, module, node, element.importer if element else None, element=element)


def _is_self(node: cst.CSTNode) -> bool:
    return isinstance(node, cst.Name) and node.value == "self"
