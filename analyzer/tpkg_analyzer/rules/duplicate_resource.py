"""TPK504 duplicate-resource."""

from collections.abc import Iterator

from tpkg_analyzer.model.diagnostic import Diagnostic, Related, Severity
from tpkg_analyzer.model.package import Place, RootKind
from tpkg_analyzer.rule.context import Project
from tpkg_analyzer.rule.exporting import finding_at
from tpkg_analyzer.rule.rule import Rule
from tpkg_analyzer.scan.closure import Closure
from tpkg_runtime.wire.messages import Experiment, ExperimentKind


class DuplicateResource(Rule):
    """A resource is saved twice under one name.

    ## What it does
    Reports the second save of the same resource in the same package, also where a loop saves under a constant
    name.

    ## Why is this bad?
    The exporter ends with an AssertionError that asks for a bug report.

    ## Example
    ```python export.py
    from torch.package import PackageExporter


    with PackageExporter("net.pt") as exporter:
        exporter.intern("**")
        exporter.save_text("notes", "a.txt", "one")
        exporter.save_text("notes", "a.txt", "two")
    ```

    ## Use instead
    ```python export.py
    from torch.package import PackageExporter


    with PackageExporter("net.pt") as exporter:
        exporter.intern("**")
        exporter.save_text("notes", "a.txt", "one")
        exporter.save_text("notes", "b.txt", "two")
    ```

    ## How it is confirmed

    The package is exported. The finding is confirmed if that raises an AssertionError.
    """

    code = "TPK504"
    name = "duplicate-resource"
    severity = Severity.ERROR
    since = "0.1"
    confirmed_by = ExperimentKind.EXPORT_RAISES

    def experiment(self, finding: Diagnostic, code: str) -> Experiment | str | None:
        """Look for the error that the exporter raises."""
        return Experiment(0, ExperimentKind.EXPORT_RAISES, finding.module, "AssertionError")

    def check_closure(self, closure: Closure, project: Project) -> Iterator[Diagnostic]:
        """Compare the names of all saves that are certain."""
        saved: dict[tuple[str, str], Place] = {}
        for root in closure.package.roots:
            if root.kind not in (RootKind.PICKLE, RootKind.RESOURCE) or root.resource_place is None:
                continue
            key = root.module, root.resource or ""
            if "?" in (root.module[:1], key[1][:1]) or root.place.path is None:
                continue
            if key in saved:
                first = saved[key]
                again = "in every round" if first == root.call else "twice"
                yield finding_at(
                    self,
                    closure,
                    root.resource_place,
                    f"`{key[1]}` is saved {again} in `{key[0]}` of package `{closure.package.name}`: "
                    "the export raises AssertionError",
                    symbol=f"{key[0]}/{key[1]}",
                    help="give each its own name",
                    related=(Related(first.path, first.span, "saved here first"),) if first.path is not None else (),
                )
            saved.setdefault(key, root.call)
