"""TPK208 host-resource."""

from collections.abc import Iterator

import libcst as cst

from tpkg_analyzer.model.diagnostic import Diagnostic, Edit, Fix, Severity
from tpkg_analyzer.rule.calls import argument
from tpkg_analyzer.rule.constants import constant_string
from tpkg_analyzer.rule.context import ModuleContext
from tpkg_analyzer.rule.dynamic import function_called, mentions
from tpkg_analyzer.rule.packaged import is_meant_for_package, owner
from tpkg_analyzer.rule.rule import Rule
from tpkg_analyzer.rule.scopes import Scope
from tpkg_runtime.spec.source import Span
from tpkg_runtime.wire.messages import ExperimentKind

_READERS = ("files", "open_text", "open_binary", "read_text", "read_binary", "path", "is_resource", "contents")
_RESOURCES = frozenset(
    f"{module}.{name}" for module in ("importlib.resources", "importlib_resources") for name in _READERS
)
_BY_NAME = frozenset(
    {
        "pkgutil.get_data",
        "pkg_resources.resource_filename",
        "pkg_resources.resource_string",
        "pkg_resources.resource_stream",
        "pkg_resources.resource_exists",
        "pkg_resources.resource_listdir",
        "pkg_resources.resource_isdir",
    }
)

_KEYWORDS = ("package", "anchor", "package_or_requirement")


class HostResource(Rule):
    """A packaged module reads a resource by the name of its package.

    ## What it does
    Reports `pkgutil.get_data`, the functions of `importlib.resources` and those of `pkg_resources` in an interned
    module, where the package is given by a name: a constant that the package holds, `__package__` or `__name__`.

    ## Why is this bad?
    The functions import the name in the host: they read the host's file, of whatever version, or raise
    ModuleNotFoundError where the project is not installed. Under `__name__`, which is mangled, nothing is found at all.
    `importlib.resources` does read from the package where it is given the *module*, for files that were saved with
    `save_text` or `save_binary`.

    ## Example
    ```toml
    [[tool.tpkg-lint.package]]
    name = "classifier"
    modules = ["classifier.model", "classifier"]
    actions = [{ intern = "classifier.**" }]
    ```
    ```python classifier/__init__.py
    ```
    ```python classifier/model.py
    from importlib import resources


    def labels():
        return resources.files("classifier").joinpath("labels.txt").read_text()
    ```

    ## Use instead
    ```toml
    [[tool.tpkg-lint.package]]
    name = "classifier"
    modules = ["classifier.model", "classifier"]
    actions = [{ intern = "classifier.**" }]
    ```
    ```python classifier/__init__.py
    ```
    ```python classifier/model.py
    from importlib import resources

    import classifier


    def labels():
        return resources.files(classifier).joinpath("labels.txt").read_text()
    ```

    ## Fix safety
    Safe, and offered inside of functions: the function imports the module and passes it on.

    ## How it is confirmed

    The call is made with the names of the packaged module, and once more as if the project were not installed. The
    finding is confirmed if it raises, or gives something else then.
    """

    code = "TPK208"
    name = "host-resource"
    severity = Severity.ERROR
    since = "0.1"
    runs_inside = True
    confirmed_by = ExperimentKind.DIFFERS_INSIDE
    words = frozenset({"get_data", "resources", "importlib_resources", "pkg_resources"})

    def check_module(self, context: ModuleContext) -> Iterator[Diagnostic]:
        """Report each resource that is asked for by a package's name."""
        if not context.is_packaged or context.project.runtime == "tpkg":
            return
        for call, scope in context.module.sites(cst.Call):
            function = function_called(context.module, call, scope)
            if function not in _RESOURCES and function not in _BY_NAME:
                continue
            given = next((found for word in _KEYWORDS if (found := argument(call, 0, word)) is not None), None)
            if given is None:
                continue
            short = function.rpartition(".")[2]
            if mentions(given, "__name__") and scope.lookup("__name__") is None:
                shown = context.module.tree.code_for_node(given)
                message = f"`{short}({shown}, …)` raises inside {owner(context)}: `__name__` is mangled there"
                symbol = context.name
            else:
                name = constant_string(context.module, given, scope)
                if not name or not is_meant_for_package(context, name):
                    continue
                message = f"`{short}` reads `{name}` of the host, or fails where the host has none; "
                message += f"the files of {owner(context)} are not asked"
                symbol = name
            yield context.finding(
                self,
                context.module.span(call),
                message,
                symbol=symbol,
                help="save the file with `save_text` or `save_binary`, and give `importlib.resources` the module",
                fix=_fix(context, given, scope) if function in _RESOURCES else None,
            )


def _fix(context: ModuleContext, given: cst.BaseExpression, scope: Scope) -> Fix | None:
    """Import the module on a line before the statement, and pass it instead of its name."""
    name = constant_string(context.module, given, scope)
    if not name or scope.function is None or mentions(given, "__name__"):
        return None
    statement: cst.CSTNode | None = given
    while statement is not None and not isinstance(context.module.parent(statement), cst.IndentedBlock):
        statement = context.module.parent(statement)
    if statement is None or not isinstance(statement, (cst.SimpleStatementLine, cst.With, cst.For, cst.If)):
        return None
    if scope.lookup("package") is not None:
        return None
    place = context.module.span(statement)
    start = Span(place.line, place.column, place.line, place.column)
    indent = context.source.splitlines()[place.line - 1][: place.column - 1]
    edits = (
        Edit(context.path, start, f"import {name} as package\n{indent}"),
        Edit(context.path, context.module.span(given), "package"),
    )
    return Fix(f"Pass the module `{name}`", edits, is_safe=True)
