"""Which side of the package boundary a value comes from.

A value is *packaged* where all that can give it goes back to `load_pickle` or `import_module` of a PackageImporter.
Anything less certain has no known origin.
"""

from dataclasses import dataclass

import libcst as cst

from tpkg_analyzer.rule.module import AnalyzedModule
from tpkg_analyzer.rule.scopes import BindingKind, Scope

_IMPORTERS = frozenset(
    {
        "torch.package.PackageImporter",
        "torch.package.package_importer.PackageImporter",
        "tpkg_runtime.PackageImporter",
    }
)
_DEPTH = 12


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a value was made: the importer itself, or something that it loaded; `source` is the loading call."""

    is_importer: bool
    source: cst.Call
    attributes: tuple[str, ...] = ()
    """The chain of attributes from what was loaded to the value."""


def origin_of(module: AnalyzedModule, expression: cst.CSTNode, scope: Scope, depth: int = _DEPTH) -> Origin | None:
    """Return the origin of an expression's value if it is a PackageImporter or comes from one, else None."""
    if depth == 0:
        return None
    match expression:
        case cst.Call():
            return _call(module, expression, scope, depth - 1)
        case cst.Attribute(value=cst.Name(value="self"), attr=cst.Name(value=name)):
            return _own_attribute(module, name, scope, depth - 1)
        case cst.Attribute(value=inner, attr=cst.Name(value=name)):
            owner = origin_of(module, inner, scope, depth - 1)
            if owner is None or owner.is_importer:
                return None
            return Origin(False, owner.source, (*owner.attributes, name))
        case cst.Name(value=name):
            return _name(module, name, scope, depth - 1)
        case cst.NamedExpr(value=inner) | cst.Await(expression=inner):
            return origin_of(module, inner, scope, depth - 1)
        case _:
            return None


def _call(module: AnalyzedModule, call: cst.Call, scope: Scope, depth: int) -> Origin | None:
    if module.qualified(call.func, scope) in _IMPORTERS:
        return Origin(True, call)
    if isinstance(call.func, cst.Attribute):
        owner = origin_of(module, call.func.value, scope, depth)
        if owner is not None and owner.is_importer:
            return Origin(False, call) if call.func.attr.value in ("load_pickle", "import_module") else None
        if owner is not None:
            return None  # what a method of a packaged object returns may be anything
    made = origin_of(module, call.func, scope, depth)
    if made is not None and not made.is_importer and made.attributes and made.attributes[-1][:1].isupper():
        return made  # a class of the package, called: an object of it
    return _function(module, call.func, scope, depth)


def _function(module: AnalyzedModule, function: cst.BaseExpression, scope: Scope, depth: int) -> Origin | None:
    """Return what a function of this module returns, if all its returns agree."""
    if not isinstance(function, cst.Name) or (found := scope.lookup(function.value)) is None:
        return None
    _, bindings = found
    if len(bindings) != 1 or not isinstance(definition := bindings[0].node, cst.FunctionDef):
        return None
    if definition.decorators or definition.asynchronous:
        return None
    returned = [
        (node.value, inner)
        for node, inner in module.sites(cst.Return)
        if inner.function is not None and inner.function.node is definition and node.value is not None
    ]
    return _agreed(module, returned, depth)


def _name(module: AnalyzedModule, name: str, scope: Scope, depth: int) -> Origin | None:
    found = scope.lookup(name)
    if found is None:
        return None
    owner, bindings = found
    if any(binding.kind is not BindingKind.ASSIGNMENT or binding.value is None for binding in bindings):
        return None
    return _agreed(module, [(binding.value, owner) for binding in bindings if binding.value is not None], depth)


def _own_attribute(module: AnalyzedModule, name: str, scope: Scope, depth: int) -> Origin | None:
    """Return what every assignment to `self.name` in the class gives."""
    around = scope.enclosing_class
    if around is None:
        return None
    values: list[tuple[cst.BaseExpression, Scope]] = []
    for node, inner in module.sites(cst.Assign):
        if inner.enclosing_class is not around:
            continue
        for target in node.targets:
            match target.target:
                case cst.Attribute(value=cst.Name(value="self"), attr=cst.Name(value=attribute)) if attribute == name:
                    values.append((node.value, inner))
    return _agreed(module, values, depth)


def _agreed(module: AnalyzedModule, values: list[tuple[cst.BaseExpression, Scope]], depth: int) -> Origin | None:
    origins = [origin_of(module, value, scope, depth) for value, scope in values]
    known = [origin for origin in origins if origin is not None]
    if not known or len(known) != len(origins) or len({origin.is_importer for origin in known}) != 1:
        return None
    return known[0]
