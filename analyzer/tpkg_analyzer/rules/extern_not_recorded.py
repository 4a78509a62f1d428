"""TPK128 extern-not-recorded."""

from collections.abc import Iterator

from tpkg_analyzer.model.diagnostic import Diagnostic, Related, Severity
from tpkg_analyzer.rule.certain import certain_modules
from tpkg_analyzer.rule.context import Project
from tpkg_analyzer.rule.exporting import deciding_pattern, finding_at
from tpkg_analyzer.rule.late import named_extern
from tpkg_analyzer.rule.rule import Rule
from tpkg_analyzer.scan.closure import Closure
from tpkg_runtime.wire.messages import ExperimentKind


class ExternNotRecorded(Rule):
    """An extern pattern matches a module that is not installed here, and so does not record it.

    ## What it does
    Reports an extern pattern that would take an import which cannot be imported where the export runs.

    ## Why is this bad?
    Only modules that can be imported are recorded. The package then has no entry for this one, and where it is
    loaded the import fails, although the module may be installed there.

    ## Example
    ```python export.py
    from torch.package import PackageExporter

    with PackageExporter("net.pt") as exporter:
        exporter.extern("cuda_only_kernels")
        exporter.save_module("net")
    ```
    ```python net.py
    try:
        import cuda_only_kernels
    except ImportError:
        cuda_only_kernels = None
    ```

    ## Use instead
    ```python export.py
    from torch.package import PackageExporter

    with PackageExporter("net.pt") as exporter:
        exporter.extern("numpy.**")
        exporter.save_module("net")
    ```
    ```python net.py
    import numpy

    USED = (numpy,)
    ```

    ## How it is confirmed

    The package is exported. The finding is confirmed if the host cannot import the module and the package does not
    name it.
    """

    code = "TPK128"
    name = "extern-not-recorded"
    severity = Severity.WARNING
    since = "0.1"
    confirmed_by = ExperimentKind.DROPPED

    def check_closure(self, closure: Closure, project: Project) -> Iterator[Diagnostic]:
        """Compare what was dropped with the extern patterns."""
        package = closure.package
        told: set[str] = set()
        certain = certain_modules(closure)
        for item in closure.dropped:
            call = named_extern(package, item.module)
            is_recorded = item.module in closure.modules  # by another way, such as add_dependency
            if call is None or is_recorded or item.module in told or item.by not in certain:
                continue
            told.add(item.module)
            by = closure.modules.get(item.by)
            span = item.reference.origin.span
            yield finding_at(
                self,
                closure,
                call.place_of(deciding_pattern(call, item.module)),
                f"`{item.module}` is not installed where the export runs: package `{package.name}` will not record it "
                "as extern, and cannot import it where it is loaded",
                symbol=item.module,
                help="export where it is installed",
                related=(Related(by.path, span, "it is imported here"),)
                if by is not None and by.path is not None
                else (),
            )
