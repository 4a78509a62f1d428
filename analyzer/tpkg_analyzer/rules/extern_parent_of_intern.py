"""TPK126 extern-parent-of-intern."""

from collections.abc import Iterator

from tpkg_analyzer.model.diagnostic import Diagnostic, Severity
from tpkg_analyzer.rule.certain import certain_modules
from tpkg_analyzer.rule.context import Project
from tpkg_analyzer.rule.exporting import deciding_pattern, finding_at
from tpkg_analyzer.rule.rule import Rule
from tpkg_analyzer.scan.closure import Closure
from tpkg_runtime.spec.actions import Action
from tpkg_runtime.wire.messages import ExperimentKind


class ExternParentOfIntern(Rule):
    """A package is extern, and one of its submodules is interned.

    ## What it does
    Reports the extern pattern that takes a package of which the closure interns a submodule.

    ## Why is this bad?
    The export succeeds. Loading does not: the importer refuses a module whose parent is marked external.

    ## Example
    ```python export.py
    from torch.package import PackageExporter

    with PackageExporter("net.pt") as exporter:
        exporter.extern("a")
        exporter.intern("a.**")
        exporter.save_module("a.b")
    ```
    ```python a/__init__.py
    from a import b
    ```
    ```python a/b.py
    import a
    ```

    ## Use instead
    ```python export.py
    from torch.package import PackageExporter

    with PackageExporter("net.pt") as exporter:
        exporter.intern("a.**")
        exporter.save_module("a.b")
    ```
    ```python a/__init__.py
    from a import b
    ```
    ```python a/b.py
    import a
    ```

    ## How it is confirmed

    The package is exported and opened. The finding is confirmed if opening it raises.
    """

    code = "TPK126"
    name = "extern-parent-of-intern"
    severity = Severity.ERROR
    since = "0.1"
    confirmed_by = ExperimentKind.LOAD_RAISES

    def check_closure(self, closure: Closure, project: Project) -> Iterator[Diagnostic]:
        """Look at the parents of what is interned."""
        package = closure.package
        certain = certain_modules(closure)
        told: set[str] = set()
        for name, node in closure.modules.items():
            if node.action is not Action.INTERN or node.is_pickle or name not in certain:
                continue
            parents = [name.rsplit(".", count)[0] for count in range(1, name.count(".") + 1)]
            for parent in parents:
                above = closure.modules.get(parent)
                if above is None or above.action is not Action.EXTERN or above.pattern is None or parent in told:
                    continue
                told.add(parent)
                call = package.actions[above.pattern]
                yield finding_at(
                    self,
                    closure,
                    call.place_of(deciding_pattern(call, parent)),
                    f"`{parent}` is extern and `{name}` is interned: package `{package.name}` cannot be loaded",
                    symbol=parent,
                    help="intern or mock the parent as well, or extern the submodule",
                )
