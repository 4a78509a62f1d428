"""TPK127 pattern-after-save."""

from collections.abc import Iterator

from tpkg_analyzer.model.diagnostic import Diagnostic, Related, Severity
from tpkg_analyzer.rule.certain import certainly_broken
from tpkg_analyzer.rule.context import Project
from tpkg_analyzer.rule.exporting import deciding_pattern, finding_at, moved_before
from tpkg_analyzer.rule.late import late_pattern
from tpkg_analyzer.rule.rule import Rule
from tpkg_analyzer.scan.closure import Closure
from tpkg_runtime.wire.messages import ExperimentKind


class PatternAfterSave(Rule):
    """A pattern is declared after the save that needs it.

    ## What it does
    Reports a pattern that matches a module without an action, if that module was reached by a save that comes
    earlier.

    ## Why is this bad?
    What a save reaches is given its action at once. A pattern that comes later is not asked for it, and the
    export ends with a PackagingError for a module that has a pattern.

    ## Example
    ```python export.py
    from torch.package import PackageExporter

    with PackageExporter("net.pt") as exporter:
        exporter.save_module("net")
        exporter.intern("helpers")
    ```
    ```python net.py
    import helpers

    USED = (helpers,)
    ```
    ```python helpers.py

    ```

    ## Use instead
    ```python export.py
    from torch.package import PackageExporter

    with PackageExporter("net.pt") as exporter:
        exporter.intern("helpers")
        exporter.save_module("net")
    ```
    ```python net.py
    import helpers

    USED = (helpers,)
    ```
    ```python helpers.py

    ```

    ## Fix safety
    Safe. The call is moved before the first save of the same block.

    ## How it is confirmed
    The package is exported; the finding is confirmed if the PackagingError names the module.
    """

    code = "TPK127"
    name = "pattern-after-save"
    severity = Severity.ERROR
    since = "0.1"
    confirmed_by = ExperimentKind.EXPORT_ERROR

    def check_closure(self, closure: Closure, project: Project) -> Iterator[Diagnostic]:
        """Look for modules without an action that a later pattern would take."""
        package = closure.package
        for name in certainly_broken(closure):
            call = late_pattern(closure, name)
            if call is None:
                continue
            first = package.roots[0]
            saved = first.call if first.call.path is not None else first.place
            yield finding_at(
                self,
                closure,
                call.place_of(deciding_pattern(call, name)),
                f"this pattern comes after the save that needs it for `{name}`: the export of package "
                f"`{package.name}` raises PackagingError",
                symbol=name,
                help="declare all patterns before the first save",
                fix=moved_before(project, package, call, saved),
                related=(Related(saved.path, saved.span, "saved here"),) if saved.path is not None else (),
            )
