"""TPK603 type-hints."""

from collections.abc import Iterator

import libcst as cst

from tpkg_analyzer.model.diagnostic import Diagnostic, Related, Severity
from tpkg_analyzer.rule.annotations import unknown_string
from tpkg_analyzer.rule.calls import argument
from tpkg_analyzer.rule.classes import Definition, ancestry
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
    the class is one that the package interns and one of its annotations is a string that names more than builtins, or
    holds one, as in `Optional["Config"]`. In a method, also where that is so of a class that inherits from its own.

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
            is_deep = (module.qualified(call.func, scope) or "").endswith("get_type_hints")
            for cls in _classes_of(context, call.args[0].value, scope):
                string = unknown_string(context.project, cls, is_deep=is_deep)
                if string is None:
                    continue
                yield context.finding(
                    self,
                    module.span(call),
                    f"raises NameError inside {owner(context)}: `{string.name}` in the annotations of "
                    f"`{string.cls.node.name.value}` is looked up in sys.modules, where packaged modules are not",
                    symbol=string.cls.node.name.value,
                    help="hand the names over: get_type_hints(cls, None, globals())",
                    related=(
                        Related(
                            string.cls.module.path,
                            string.cls.module.span(string.annotation),
                            "this annotation is a string, or holds one",
                        ),
                    ),
                )
                break


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


def _classes_of(context: ModuleContext, value: cst.BaseExpression, scope: Scope) -> Iterator[Definition]:
    """Yield the class that an expression stands for, or may: that of a method's object and those that inherit from it.

    Only such as a package of this file interns.
    """
    match value:
        case (
            cst.Attribute(value=cst.Name(value="self"), attr=cst.Name(value="__class__"))
            | cst.Name(value="cls")
            | cst.Call(func=cst.Name(value="type"), args=[cst.Arg(value=cst.Name(value="self"))])
        ):
            around = scope.enclosing_class
            if around is not None and isinstance(around.node, cst.ClassDef):
                yield Definition(context.module, around.node)
                yield from _heirs(context, Definition(context.module, around.node))
            return
    name = context.module.qualified(value, scope)
    home = home_of(context.project.state, name) if name is not None else None
    if home is None or (context.closures and not context.project.interning(home[0].module)):
        return
    module = context.project.module(home[0].module)
    bindings = module.index.top.bindings.get(home[1], []) if module is not None else []
    if module is not None and len(bindings) == 1 and isinstance(node := bindings[0].node, cst.ClassDef):
        yield Definition(module, node)


def _heirs(context: ModuleContext, base: Definition) -> Iterator[Definition]:
    """Yield the classes of the same package that inherit from a class."""
    others = context.project.mentioning([base.node.name.value]) if context.closures else []
    for name in dict.fromkeys([context.module.name, *others]):
        module = context.project.module(name)
        for node, scope in module.sites(cst.ClassDef) if module is not None else ():
            if module is None or scope is not module.index.top or node is base.node:
                continue
            if any(item.node is base.node for item in ancestry(context.project, Definition(module, node))[0]):
                yield Definition(module, node)
