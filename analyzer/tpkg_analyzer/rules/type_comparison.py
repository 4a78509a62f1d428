"""TPK404 type-comparison."""

from collections.abc import Iterator

import libcst as cst

from tpkg_analyzer.model.diagnostic import Diagnostic, Edit, Fix, Severity
from tpkg_analyzer.rule.class_names import class_name
from tpkg_analyzer.rule.classes import Definition, ancestry, class_definition, class_scope, methods
from tpkg_analyzer.rule.context import FileContext, ModuleContext
from tpkg_analyzer.rule.enums import equals_by_identity, is_enum
from tpkg_analyzer.rule.excerpts import excerpt
from tpkg_analyzer.rule.flow import Flow
from tpkg_analyzer.rule.loading import may_hold_packaged
from tpkg_analyzer.rule.origins import Kind, Origin
from tpkg_analyzer.rule.rule import Rule
from tpkg_analyzer.rule.scopes import Scope
from tpkg_analyzer.rule.sides import (
    Mismatch,
    alternatives,
    instance_in,
    loaded_here,
    members,
    mismatch,
    twins,
    with_equal_member,
    with_member,
)
from tpkg_runtime.wire.messages import ExperimentKind

_IDENTITY = (cst.Is, cst.IsNot)
_EQUALITY = (cst.Equal, cst.NotEqual)
_MEMBERSHIP = (cst.In, cst.NotIn)


class TypeComparison(Rule):
    """Types, enum members or dataclass instances of both sides of a package are compared.

    ## What it does
    Reports `type(x) is C`, `type(x) == C`, `type(x) in (C, D)` and the same with `x.__class__`; comparisons of a value
    from a package with a member of the host's enum, also by `in` and `match`; and `==` between an object from a package
    and an instance of the host's dataclass. One side has to be known to come from a package, and the package to intern
    the class. The same is told of two sides that come from different importers, where the export that the project makes
    tells their class. Members of IntEnum and StrEnum are equal by value, and named tuples are tuples: no finding.

    ## Why is this bad?
    The package has its own class, its own enum members and its own dataclass. The comparison is False whatever the
    values are.

    ## Example
    ```toml
    [[tool.tpkg-lint.package]]
    name = "classifier"
    modules = ["model"]
    actions = [{ intern = "model" }]
    ```
    ```python model.py
    from enum import Enum


    class Mode(Enum):
        FAST = 1


    class Net:
        mode = Mode.FAST
    ```
    ```python serve.py
    from torch.package import PackageImporter

    from model import Mode

    net = PackageImporter("net.pt").load_pickle("net", "net.pkl")
    assert net.mode == Mode.FAST
    ```

    ## Use instead
    ```toml
    [[tool.tpkg-lint.package]]
    name = "classifier"
    modules = ["model"]
    actions = [{ intern = "model" }]
    ```
    ```python model.py
    from enum import Enum


    class Mode(Enum):
        FAST = 1


    class Net:
        mode = Mode.FAST
    ```
    ```python serve.py
    from torch.package import PackageImporter

    from model import Mode

    net = PackageImporter("net.pt").load_pickle("net", "net.pkl")
    assert net.mode.name == Mode.FAST.name
    ```

    ## Fix safety
    Unsafe. The fix compares what both copies have: the names of classes, the names of enum members, the attributes of
    dataclass instances. Another class of that name passes then, and what has no `name` raises.

    ## How it is confirmed
    The class is imported in the host and from the package. The finding is confirmed if they are different classes and
    neither is a subclass of the other.
    """

    code = "TPK404"
    name = "type-comparison"
    severity = Severity.ERROR
    since = "0.1"
    confirmed_by = ExperimentKind.OWN_CLASS

    def concerns(self, context: FileContext) -> bool:
        """Look only where an object of a package can be."""
        return super().concerns(context) and may_hold_packaged(context)

    def check_module(self, context: ModuleContext) -> Iterator[Diagnostic]:
        """Report each comparison whose sides are known to differ."""
        flow = Flow(context.project)
        for node, scope in context.module.sites(cst.Comparison):
            if len(node.comparisons) != 1:
                continue
            target = node.comparisons[0]
            sides = (node.left, target.comparator)
            found = _types(context, flow, sides, target.operator, scope) or _values(
                context, flow, sides, target.operator, scope
            )
            if found is None:
                continue
            always = "True" if isinstance(target.operator, (cst.IsNot, cst.NotEqual, cst.NotIn)) else "False"
            yield context.finding(
                self,
                context.module.span(node),
                f"`{excerpt(context.module, node)}` is always {always}: one side {found.reason}",
                symbol=found.class_name,
                help="compare names or values, or take the class from the same importer",
                related=loaded_here(found.origin),
                fix=_fix(context, node, scope, found.class_name),
                package=found.package,
            )
        for pattern, found in _matched(context, flow):
            yield context.finding(
                self,
                context.module.span(pattern),
                f"`case {excerpt(context.module, pattern)}` is never taken: the value {found.reason}",
                symbol=found.class_name,
                help="match the names or the values of the members",
                related=loaded_here(found.origin),
                package=found.package,
            )


_Sides = tuple[cst.BaseExpression, cst.BaseExpression]


def _types(
    context: ModuleContext, flow: Flow, sides: _Sides, operator: cst.BaseCompOp, scope: Scope
) -> Mismatch | None:
    """Return the mismatch of a comparison of the type of a value with a class, or with one of several."""
    for value, classes in (sides, sides[::-1]):
        instance = instance_in(context.module, value, scope)
        if instance is None:
            continue
        if isinstance(operator, _MEMBERSHIP):
            if value is not sides[0] or not isinstance(classes, (cst.Tuple, cst.List, cst.Set)):
                return None
            named = [item for element in classes.elements for item in members(element.value)]
        elif isinstance(operator, (*_IDENTITY, *_EQUALITY)):
            named = list(members(classes)) if isinstance(classes, (cst.Name, cst.Attribute)) else []
        else:
            return None
        made = flow.origin(context.module, instance, scope)
        other = instance_in(context.module, classes, scope)
        if other is not None:
            return twins(context.project, made, flow.origin(context.module, other, scope))
        found = [mismatch(context, flow, made, cls, scope) for cls in named] if made is not None else []
        return found[0] if found and all(found) else None
    return None


def _fix(context: ModuleContext, node: cst.Comparison, scope: Scope, class_name: str) -> Fix | None:
    """Return the fix that compares what both copies of a class have: names, or the attributes of instances."""
    target = node.comparisons[0]
    sides = (node.left, target.comparator)
    if any(instance_in(context.module, side, scope) is not None for side in sides):
        texts = [_name_of_type(context, side, scope) for side in sides]
        title = "Compare the names of the classes"
    elif isinstance(target.operator, _MEMBERSHIP) or _is_of_enum(context, class_name):
        texts = [_name_of_member(context, side) for side in sides]
        title = "Compare the names of the members"
    elif _has_slots(context, class_name):
        return None
    else:
        texts = [f"vars({_code(context, side)})" for side in sides]
        title = "Compare the attributes"
    signs = {cst.In: "in", cst.NotIn: "not in", cst.Is: "==", cst.Equal: "==", cst.IsNot: "!=", cst.NotEqual: "!="}
    sign = signs.get(type(target.operator))
    if sign is None or None in texts:
        return None
    edit = Edit(context.path, context.module.span(node), f"{texts[0]} {sign} {texts[1]}")
    return Fix(title, (edit,), is_safe=False)


def _is_of_enum(context: ModuleContext, class_name: str) -> bool:
    found = class_definition(context.project, class_name)
    return found is not None and is_enum(context.project, found)


def _has_slots(context: ModuleContext, class_name: str) -> bool:
    """Tell whether objects of a class of the project may hold attributes elsewhere than in their `__dict__`."""
    found = class_definition(context.project, class_name)
    known, foreign = ancestry(context.project, found) if found is not None else ([], {""})
    if foreign - {"builtins.object"}:
        return True
    return any(
        "__slots__" in scope.bindings
        or any(
            word.keyword is not None and word.keyword.value == "slots"
            for item in cls.node.decorators
            if isinstance(item.decorator, cst.Call)
            for word in item.decorator.args
        )
        for cls in known
        if (scope := class_scope(cls)) is not None
    )


def _name_of_type(context: ModuleContext, side: cst.BaseExpression, scope: Scope) -> str | None:
    """Return code for the name of a class: of that of a value, of one that is named, or of several."""
    if instance_in(context.module, side, scope) is not None:
        return f"{_code(context, side)}.__name__"
    elements = side.elements if isinstance(side, (cst.Tuple, cst.List, cst.Set)) else None
    classes = [side] if elements is None else [element.value for element in elements]
    names = [class_name(context.project, context.module, cls, scope) for cls in classes]
    if not names or None in names:
        return None
    quoted = [f'"{name}"' for name in names]
    return quoted[0] if elements is None else f"({', '.join(quoted)}{',' if len(quoted) == 1 else ''})"


def _name_of_member(context: ModuleContext, side: cst.BaseExpression) -> str:
    """Return code for the name of a member, or for the names of several."""
    if not isinstance(side, (cst.Tuple, cst.List, cst.Set)):
        return f"{_code(context, side)}.name"
    names = [f"{_code(context, element.value)}.name" for element in side.elements]
    return f"({', '.join(names)}{',' if len(names) == 1 else ''})"


def _code(context: ModuleContext, node: cst.BaseExpression) -> str:
    return context.module.tree.code_for_node(node)


def _values(
    context: ModuleContext, flow: Flow, sides: _Sides, operator: cst.BaseCompOp, scope: Scope
) -> Mismatch | None:
    """Return the mismatch of enum members, and of instances of a dataclass."""
    if isinstance(operator, _MEMBERSHIP):
        return _among(context, flow, sides, scope)
    if not isinstance(operator, (*_IDENTITY, *_EQUALITY)):
        return None
    for value, other in (sides, sides[::-1]):
        if not isinstance(other, (cst.Attribute, cst.Call, cst.Name)):
            continue
        made = flow.origin(context.module, value, scope)
        if made is None or made.kind is not Kind.OBJECT:
            continue
        same = with_member if isinstance(operator, _IDENTITY) else with_equal_member
        if (found := same(context, made, other, scope)) is not None:
            return found
        second = flow.origin(context.module, other, scope)
        if second is not None and _is_one_of_its_kind(context, second, operator):
            return twins(context.project, made, second)
    return None


def _among(context: ModuleContext, flow: Flow, sides: _Sides, scope: Scope) -> Mismatch | None:
    """Return the mismatch of a value of a package that is looked for among members of the host's enums."""
    value, others = sides
    if not isinstance(others, (cst.Tuple, cst.List, cst.Set)):
        return None
    made = flow.origin(context.module, value, scope)
    found = [with_equal_member(context, made, item.value, scope) for item in others.elements]
    return found[0] if found and all(found) else None


def _matched(context: ModuleContext, flow: Flow) -> Iterator[tuple[cst.MatchPattern, Mismatch]]:
    """Yield the patterns that are members of the host's enums, of match statements on a value of a package."""
    for node, scope in context.module.sites(cst.Match):
        made = flow.origin(context.module, node.subject, scope)
        for case in node.cases if made is not None else ():
            for pattern in alternatives(case.pattern):
                if isinstance(pattern, cst.MatchValue):
                    found = with_equal_member(context, made, pattern.value, scope)
                    if found is not None:
                        yield pattern, found


def _differs(context: ModuleContext, found: Definition, operator: cst.BaseCompOp) -> bool:
    return isinstance(operator, _IDENTITY) or equals_by_identity(context.project, found)


def _is_one_of_its_kind(context: ModuleContext, origin: Origin, operator: cst.BaseCompOp) -> bool:
    """Tell whether an object is never the same as one of another copy of its class: by identity, or by its `__eq__`."""
    found = class_definition(context.project, origin.name)
    if found is not None and is_enum(context.project, found):
        return origin.kind is Kind.OBJECT and _differs(context, found, operator)
    return isinstance(operator, _EQUALITY) and found is not None and _is_dataclass(found)


def _is_dataclass(found: Definition) -> bool:
    """Tell whether a class of the project has the equality of dataclasses."""
    if any(method.name.value == "__eq__" for method in methods(found)):
        return False
    for item in found.node.decorators:
        call = item.decorator if isinstance(item.decorator, cst.Call) else None
        name = call.func if call is not None else item.decorator
        if found.module.qualified(name, found.module.index.top) != "dataclasses.dataclass":
            continue
        return call is None or not any(word.keyword is not None and word.keyword.value == "eq" for word in call.args)
    return False
