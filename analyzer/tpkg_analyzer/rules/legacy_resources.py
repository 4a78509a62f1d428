"""TPK608 legacy-resources."""

from collections.abc import Iterator

import libcst as cst

from tpkg_analyzer.model.diagnostic import Diagnostic, Edit, Fix, Severity
from tpkg_analyzer.rule.context import ModuleContext
from tpkg_analyzer.rule.rule import Rule

# How `files(package).joinpath(resource)` says the same; None where it takes more than a call.
_FUNCTIONS = {
    "read_text": '.read_text(encoding="utf-8")',
    "read_binary": ".read_bytes()",
    "open_text": '.open("r", encoding="utf-8")',
    "open_binary": '.open("rb")',
    "is_resource": ".is_file()",
    "path": None,
    "contents": None,
}
_CLASSES = ("ResourceReader", "Traversable", "TraversableResources")


class LegacyResources(Rule):
    """A packaged module reads resources by functions that Python took out of its interface.

    ## What it does
    Reports, in an interned module, the functions of `importlib.resources` that come before `files()` (`read_text`,
    `open_binary`, `path`, `contents` and so on) and the classes for resources in `importlib.abc`.

    ## Why is this bad?
    The functions are deprecated since Python 3.11; in 3.13 those that stayed take other arguments, such as the
    encoding by name only. The classes are gone in 3.14. A package meets the Python of where it is loaded.

    ## Example
    ```toml
    [[tool.tpkg-lint.package]]
    name = "classifier"
    modules = ["classifier"]
    actions = [{ intern = "**" }]
    ```
    ```python classifier.py
    import importlib.resources

    import data

    WORDS = importlib.resources.read_text(data, "words.txt")
    ```
    ```python data.py
    ```

    ## Use instead
    ```toml
    [[tool.tpkg-lint.package]]
    name = "classifier"
    modules = ["classifier"]
    actions = [{ intern = "**" }]
    ```
    ```python classifier.py
    import importlib.resources

    import data

    WORDS = importlib.resources.files(data).joinpath("words.txt").read_text(encoding="utf-8")
    ```
    ```python data.py
    ```

    ## Fix safety
    Safe: `files()` gives the same bytes. Offered where the call has a package and a resource and nothing else.

    ## How it is confirmed
    It is not: the Python that exports may still have the function.
    """

    code = "TPK608"
    name = "legacy-resources"
    severity = Severity.WARNING
    since = "0.1"
    runs_inside = True
    words = frozenset(
        {*(f"importlib resources {name}" for name in _FUNCTIONS), *(f"importlib abc {name}" for name in _CLASSES)}
    )

    def check_module(self, context: ModuleContext) -> Iterator[Diagnostic]:
        """Report each call and each use of the classes."""
        if not context.is_packaged:
            return
        module = context.module
        for call, scope in module.sites(cst.Call):
            home, _, function = (module.qualified(call.func, scope) or "").rpartition(".")
            if home == "importlib.resources" and function in _FUNCTIONS:
                yield context.finding(
                    self,
                    module.span(call),
                    f"`importlib.resources.{function}` is deprecated since Python 3.11 and another function in 3.13",
                    symbol=function,
                    help="use importlib.resources.files(package).joinpath(resource)",
                    fix=_fix(context, call, function),
                )
        for node, scope in module.sites(cst.Attribute):
            home, _, name = (module.qualified(node, scope) or "").rpartition(".")
            if home == "importlib.abc" and name in _CLASSES:
                yield self._gone(context, node, name)
        for alias, _ in module.sites(cst.ImportAlias):
            around = module.parent(alias)
            if isinstance(around, cst.ImportFrom) and isinstance(alias.name, cst.Name) and alias.name.value in _CLASSES:
                source = module.tree.code_for_node(around.module) if around.module is not None else ""
                if source == "importlib.abc" and not around.relative:
                    yield self._gone(context, alias, alias.name.value)

    def _gone(self, context: ModuleContext, node: cst.CSTNode, name: str) -> Diagnostic:
        return context.finding(
            self,
            context.module.span(node),
            f"`importlib.abc.{name}` is gone in Python 3.14",
            symbol=name,
            help=f"use importlib.resources.abc.{name}, which Python 3.11 has as well",
        )


def _fix(context: ModuleContext, call: cst.Call, function: str) -> Fix | None:
    rest = _FUNCTIONS[function]
    if rest is None or not isinstance(call.func, cst.Attribute) or len(call.args) != 2:
        return None
    if any(item.keyword is not None or item.star for item in call.args):
        return None
    code = context.module.tree.code_for_node
    package, resource = (code(item.value) for item in call.args)
    text = f"{code(call.func.value)}.files({package}).joinpath({resource}){rest}"
    return Fix("Use `files()`", (Edit(context.path, context.module.span(call), text),), is_safe=True)
