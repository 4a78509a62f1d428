"""TPK603 type-hints."""

import ast
import builtins
from collections.abc import Iterator

import libcst as cst

from tpkg_analyzer.model.diagnostic import Diagnostic, Related, Severity
from tpkg_analyzer.rule.calls import argument
from tpkg_analyzer.rule.context import ModuleContext
from tpkg_analyzer.rule.homes import home_of
from tpkg_analyzer.rule.module import AnalyzedModule
from tpkg_analyzer.rule.packaged import owner
from tpkg_analyzer.rule.rule import Rule
from tpkg_analyzer.rule.scopes import Scope
from tpkg_runtime.wire.messages import ExperimentKind


class TypeHints(Rule):
    """The type hints of a packaged class are asked for, and its annotations are strings.

    ## What it does
    Reports `typing.get_type_hints(cls)` and `inspect.get_annotations(cls, eval_str=True)` in an interned module, where
    the class is one that the package interns and one of its annotations is a string that names more than builtins.

    ## Why is this bad?
    The strings of a class are evaluated with the names of `sys.modules[cls.__module__]`. A package's modules are not
    there: the call raises NameError. With a function or method it works, because a function knows its own names.

    ## Example
    ```toml
    [[tool.tpkg-lint.package]]
    name = "classifier"
    modules = ["classifier"]
    actions = [{ intern = "classifier" }]
    ```
    ```python classifier.py
    from typing import get_type_hints


    class Config:
        parent: "Config"


    def fields():
        return get_type_hints(Config)
    ```

    ## Use instead
    ```toml
    [[tool.tpkg-lint.package]]
    name = "classifier"
    modules = ["classifier"]
    actions = [{ intern = "classifier" }]
    ```
    ```python classifier.py
    from typing import get_type_hints


    class Config:
        parent: "Config"


    def fields():
        return get_type_hints(Config, None, globals())
    ```

    ## How it is confirmed
    The call is made with the names of the packaged module. The finding is confirmed if it raises.
    """

    code = "TPK603"
    name = "type-hints"
    severity = Severity.ERROR
    since = "0.1"
    runs_inside = True
    confirmed_by = ExperimentKind.RAISES_INSIDE
    words = frozenset({"get_type_hints", "get_annotations"})

    def check_module(self, context: ModuleContext) -> Iterator[Diagnostic]:
        """Report each call on a class whose annotations cannot be evaluated in a package."""
        if not context.is_packaged or context.project.runtime == "tpkg":
            return
        module = context.module
        for call, scope in module.sites(cst.Call):
            if not _evaluates(module, call, scope):
                continue
            found = _class_of(context, call.args[0].value, scope)
            string = _unknown_string(*found) if found is not None else None
            if found is None or string is None:
                continue
            home, cls = found
            name, annotation = string
            yield context.finding(
                self,
                module.span(call),
                f"raises NameError inside {owner(context)}: `{name}` in the annotations of `{cls.name.value}` "
                "is looked up in sys.modules, where packaged modules are not",
                symbol=cls.name.value,
                help="hand the names over: get_type_hints(cls, None, globals())",
                related=(Related(home.path, home.span(annotation), "this annotation is a string"),),
            )


def _evaluates(module: AnalyzedModule, call: cst.Call, scope: Scope) -> bool:
    """Tell whether a call evaluates annotations and is given no names to do so."""
    if not call.args or any(item.star for item in call.args) or call.args[0].keyword is not None:
        return False
    match module.qualified(call.func, scope):
        case "typing.get_type_hints" | "typing_extensions.get_type_hints":
            return argument(call, 1, "globalns") is None and argument(call, 2, "localns") is None
        case "inspect.get_annotations":
            evaluates = argument(call, 9, "eval_str")
            names = argument(call, 9, "globals") or argument(call, 9, "locals")
            return isinstance(evaluates, cst.Name) and evaluates.value == "True" and names is None
        case _:
            return False


def _class_of(
    context: ModuleContext, value: cst.BaseExpression, scope: Scope
) -> tuple[AnalyzedModule, cst.ClassDef] | None:
    """Return the class that an expression stands for, if a package of this file interns its module."""
    match value:
        case cst.Attribute(value=cst.Name(value="self"), attr=cst.Name(value="__class__")) | cst.Name(value="cls"):
            around = scope.enclosing_class
            return (context.module, around.node) if around and isinstance(around.node, cst.ClassDef) else None
        case cst.Call(func=cst.Name(value="type"), args=[cst.Arg(value=cst.Name(value="self"))]):
            around = scope.enclosing_class
            return (context.module, around.node) if around and isinstance(around.node, cst.ClassDef) else None
    name = context.module.qualified(value, scope)
    home = home_of(context.project.state, name) if name is not None else None
    if home is None or (context.closures and not context.project.interning(home[0].module)):
        return None
    module = context.project.module(home[0].module)
    bindings = module.index.top.bindings.get(home[1], []) if module is not None else []
    if module is None or len(bindings) != 1 or not isinstance(bindings[0].node, cst.ClassDef):
        return None
    return module, bindings[0].node


def _unknown_string(module: AnalyzedModule, cls: cst.ClassDef) -> tuple[str, cst.CSTNode] | None:
    """Return the first name in a string annotation that is no builtin, with the annotation."""
    is_future = any(
        isinstance(node.module, cst.Name) and node.module.value == "__future__" and _imports_annotations(node)
        for node, _ in module.sites(cst.ImportFrom)
    )
    body = next((scope for _, scope in module.sites(cst.AnnAssign) if scope.node is cls), None)
    known = set(body.bindings) if body is not None else set()
    for node, scope in module.sites(cst.AnnAssign):
        if scope.node is not cls:
            continue
        annotation = node.annotation.annotation
        text = module.tree.code_for_node(annotation) if is_future else _text_of(annotation)
        for name in _names_in(text or ""):
            if name not in known and not hasattr(builtins, name):
                return name, annotation
    return None


def _imports_annotations(node: cst.ImportFrom) -> bool:
    return not isinstance(node.names, cst.ImportStar) and any(alias.name.value == "annotations" for alias in node.names)


def _text_of(annotation: cst.BaseExpression) -> str | None:
    value = annotation.evaluated_value if isinstance(annotation, (cst.SimpleString, cst.ConcatenatedString)) else None
    return value if isinstance(value, str) else None


def _names_in(text: str) -> list[str]:
    try:
        tree = ast.parse(text.strip(), mode="eval")
    except SyntaxError:
        return []
    return [node.id for node in ast.walk(tree) if isinstance(node, ast.Name)]
