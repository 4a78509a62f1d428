"""TPK206 plugin-discovery."""

from collections.abc import Iterator

import libcst as cst

from tpkg_analyzer.model.diagnostic import Diagnostic, Severity
from tpkg_analyzer.rule.calls import argument
from tpkg_analyzer.rule.context import ModuleContext
from tpkg_analyzer.rule.dynamic import function_called
from tpkg_analyzer.rule.packaged import is_meant_for_package, owner
from tpkg_analyzer.rule.rule import Rule
from tpkg_analyzer.rule.scopes import BindingKind, Scope
from tpkg_runtime.wire.messages import ExperimentKind

_LISTINGS = frozenset({"pkgutil.iter_modules", "pkgutil.walk_packages"})
_ENTRY_POINTS = frozenset(
    {"importlib.metadata.entry_points", "importlib_metadata.entry_points", "pkg_resources.iter_entry_points"}
)


class PluginDiscovery(Rule):
    """A packaged module looks for plug-ins at run time.

    ## What it does
    Reports in an interned module `pkgutil.iter_modules` and `walk_packages` over the `__path__` of a module that the
    package holds, or over the folder of `__file__`, and the entry points of distributions.

    ## Why is this bad?
    The `__path__` of a packaged module names no folder: the listing is empty, without an error. Entry points are those
    of the host, and load the host's copies. What is found that way the exporter does not see.

    ## Example
    ```toml
    [[tool.tpkg-lint.package]]
    name = "heads"
    modules = ["heads"]
    actions = [{ intern = "heads.**" }]
    ```
    ```python heads/__init__.py
    import pkgutil

    NAMES = [found.name for found in pkgutil.iter_modules(__path__)]
    ```
    ```python heads/linear.py
    SIZE = 2
    ```

    ## Use instead
    ```toml
    [[tool.tpkg-lint.package]]
    name = "heads"
    modules = ["heads"]
    actions = [{ intern = "heads.**" }]
    ```
    ```python heads/__init__.py
    from heads import linear as linear

    NAMES = ["linear"]
    ```
    ```python heads/linear.py
    SIZE = 2
    ```

    ## How it is confirmed

    The search is made in the host and in the packaged module. The finding is confirmed if they find different things,
    or if entry points of the host are found.
    """

    code = "TPK206"
    name = "plugin-discovery"
    severity = Severity.WARNING
    since = "0.1"
    runs_inside = True
    confirmed_by = ExperimentKind.DIFFERS_INSIDE
    words = frozenset({"iter_modules", "walk_packages", "entry_points", "iter_entry_points"})

    def check_module(self, context: ModuleContext) -> Iterator[Diagnostic]:
        """Report each search for plug-ins."""
        if not context.is_packaged:
            return
        for call, scope in context.module.sites(cst.Call):
            function = function_called(context.module, call, scope)
            if function in _LISTINGS:
                path = argument(call, 0, "path")
                if path is None or not _is_packaged_path(context, path, scope):
                    continue
                message = f"`{function}` finds nothing inside {owner(context)}: its modules are in no folder"
                advice = "import the modules by statements, and list them"
            elif function in _ENTRY_POINTS:
                message = f"`{function}` names the plug-ins of the host, and loads the host's copies past "
                message += owner(context)
                advice = "let the host look for plug-ins, and give them to the packaged code"
            else:
                continue
            yield context.finding(self, context.module.span(call), message, symbol=str(function), help=advice)


def _is_packaged_path(context: ModuleContext, path: cst.CSTNode, scope: Scope) -> bool:
    """Tell whether an expression is about the folder of this module or of another one in the package."""
    if isinstance(path, cst.Name):
        found = scope.lookup(path.value)
        if found is None:
            return path.value in {"__path__", "__file__"}
        values = [(item.value, found[0]) for item in found[1] if item.kind is BindingKind.ASSIGNMENT and item.value]
        return len(values) == 1 == len(found[1]) and _is_packaged_path(context, values[0][0], values[0][1])
    if isinstance(path, cst.Attribute) and path.attr.value in {"__path__", "__file__"}:
        name = context.module.qualified(path.value, scope)
        return name is not None and is_meant_for_package(context, name)
    return any(_is_packaged_path(context, child, scope) for child in path.children)
