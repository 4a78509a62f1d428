"""TPK505 importable-resource."""

from collections.abc import Iterator

from tpkg_analyzer.model.diagnostic import Diagnostic, Severity
from tpkg_analyzer.model.package import RootKind
from tpkg_analyzer.rule.context import Project
from tpkg_analyzer.rule.exporting import finding_at
from tpkg_analyzer.rule.rule import Rule
from tpkg_analyzer.scan.closure import Closure
from tpkg_runtime.wire.messages import ExperimentKind


class ImportableResource(Rule):
    """A resource has a name that makes it code.

    ## What it does
    Reports a resource whose name ends in `.py`.

    ## Why is this bad?
    The importer takes every `.py` in the archive for a module: the text can be imported, and its folder becomes a
    package.

    ## Example
    ```python export.py
    from torch.package import PackageExporter


    with PackageExporter("net.pt") as exporter:
        exporter.intern("**")
        exporter.save_text("notes", "settings.py", "A = 1")
    ```

    ## Use instead
    ```python export.py
    from torch.package import PackageExporter


    with PackageExporter("net.pt") as exporter:
        exporter.intern("**")
        exporter.save_text("notes", "settings.txt", "A = 1")
    ```

    ## How it is confirmed

    The package is exported and loaded. The finding is confirmed if the resource can be imported, or raises as code
    does.
    """

    code = "TPK505"
    name = "importable-resource"
    severity = Severity.WARNING
    since = "0.1"
    confirmed_by = ExperimentKind.IMPORTABLE

    def check_closure(self, closure: Closure, project: Project) -> Iterator[Diagnostic]:
        """Look at the names of resources."""
        for root in closure.package.roots:
            if root.kind in (RootKind.RESOURCE, RootKind.PICKLE) and (root.resource or "").endswith(".py"):
                module = f"{root.module}.{(root.resource or '').removesuffix('.py')}"
                yield finding_at(
                    self,
                    closure,
                    root.resource_place or root.place,
                    f"`{root.resource}` can be imported as `{module}` from package `{closure.package.name}`: what was "
                    "saved as a resource runs as code",
                    symbol=module,
                    help="give it another suffix, or save code by `save_source_string`",
                )
