"""TPK106 dropped-import."""

from collections.abc import Iterator

from tpkg_analyzer.model.diagnostic import Diagnostic, Severity
from tpkg_analyzer.rule.certain import certain_modules
from tpkg_analyzer.rule.chains import Demand, chain_above
from tpkg_analyzer.rule.conditions import is_conditional
from tpkg_analyzer.rule.context import Project
from tpkg_analyzer.rule.late import named_extern
from tpkg_analyzer.rule.removed import REMOVED_IN
from tpkg_analyzer.rule.rule import Rule
from tpkg_analyzer.scan.closure import Closure, DroppedImport
from tpkg_runtime.spec.actions import RESERVED_IMPORTER
from tpkg_runtime.spec.imports import EdgeKind
from tpkg_runtime.wire.messages import ExperimentKind

_NEEDED = frozenset({EdgeKind.STATIC, EdgeKind.FUNCTION, EdgeKind.LAZY, EdgeKind.DUNDER_IMPORT})


class DroppedImports(Rule):
    """An import that cannot be imported where the export runs is left out of the package.

    ## What it does
    Reports the imports of interned modules that the exporter drops because the module cannot be imported: it is not
    installed, does not parse, or imports something that is missing in turn. Silent where the code is prepared for it:
    in a `try` that catches ImportError, under TYPE_CHECKING, under any `if`, behind an early return or raise; and
    where an extern pattern names the module, which extern-not-recorded reports at the pattern.

    ## Why is this bad?
    The exporter says nothing and records nothing, not even where an extern pattern matches. The package raises
    ModuleNotFoundError when the import runs, also in a process that has the module. What a package holds depends on
    the machine that made it.

    ## Example
    ```toml
    [[tool.tpkg-lint.package]]
    name = "classifier"
    modules = ["classifier"]
    actions = [{ extern = "**" }]
    ```
    ```python classifier.py
    def predict(text):
        import not_installed_anywhere

        return not_installed_anywhere.predict(text)
    ```

    ## Use instead
    ```toml
    [[tool.tpkg-lint.package]]
    name = "classifier"
    modules = ["classifier"]
    actions = [{ extern = "**" }]
    ```
    ```python classifier.py
    def predict(text):
        try:
            import not_installed_anywhere
        except ImportError:
            return len(text)
        return not_installed_anywhere.predict(text)
    ```

    ## How it is confirmed
    The package is exported and the host asked to import the module. The finding is confirmed if the host cannot and
    the package neither holds the module nor names it as extern.
    """

    code = "TPK106"
    name = "dropped-import"
    severity = Severity.WARNING
    since = "0.1"
    confirmed_by = ExperimentKind.DROPPED

    def check_closure(self, closure: Closure, project: Project) -> Iterator[Diagnostic]:
        """Report each dropped import that the code needs, once per importing module."""
        if closure.package.asks_archives:
            return  # one of its importers may have it
        seen: set[tuple[str, str]] = set()
        certain = certain_modules(closure)
        for item in closure.dropped:
            key = item.by, item.module
            path = closure.modules[item.by].path if item.by in certain else None
            # That an extern pattern does not record it is the matter of TPK128.
            is_told = named_extern(closure.package, item.module) is not None
            if key in seen or path is None or is_told or not _is_needed(item, project):
                continue
            seen.add(key)
            span = item.reference.origin.span
            demand = Demand(closure.package.name, item.module, item.by, path, span, chain_above(closure, item.by))
            why = f": {item.reason}" if item.reason else ""
            yield demand.finding(
                self,
                f"`{item.module}` cannot be imported here{why}; package `{closure.package.name}` leaves it out "
                "without a word, and this import fails there",
                help="install it where the export runs, or catch the ImportError; if it is there only at run time, "
                "name it in `assume.importable`",
            )


def _is_needed(item: DroppedImport, project: Project) -> bool:
    top = item.module.partition(".")[0]
    # A module of the standard library that is missing here belongs to another platform.
    if item.reference.origin.kind not in _NEEDED or top == RESERVED_IMPORTER or top in project.stdlib_names:
        return False
    if top in REMOVED_IN and project.facts(top) is None:  # TPK609 says more
        return False
    module = project.module(item.by)
    return module is None or not is_conditional(module, item.reference.origin.span)
