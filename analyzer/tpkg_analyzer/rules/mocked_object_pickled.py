"""TPK512 mocked-object-pickled."""

from collections.abc import Iterator

from tpkg_analyzer.model.diagnostic import Diagnostic, Related, Severity
from tpkg_analyzer.rule.context import Project
from tpkg_analyzer.rule.exporting import deciding_pattern, finding_at
from tpkg_analyzer.rule.late import matches
from tpkg_analyzer.rule.rule import Rule
from tpkg_analyzer.scan.closure import Closure
from tpkg_runtime.spec.reasons import PackagingErrorReason
from tpkg_runtime.wire.messages import ExperimentKind


class MockedObjectPickled(Rule):
    """The saved object is of a class whose module is mocked.

    ## What it does
    Reports an object given to `save_pickle` if the module of its class, or of something in it, is under a mock
    pattern.

    ## Why is this bad?
    A mock has no classes to load the pickle with. The export ends with a PackagingError.

    ## Example
    ```python export.py
    from torch.package import PackageExporter

    from model import Net

    with PackageExporter("net.pt") as exporter:
        exporter.mock("model")
        exporter.save_pickle("net", "net.pkl", Net())
    ```
    ```python model.py
    class Net:
        def __init__(self, size=3):
            self.size = size
    ```

    ## Use instead
    ```python export.py
    from torch.package import PackageExporter

    from model import Net

    with PackageExporter("net.pt") as exporter:
        exporter.intern("**")
        exporter.save_pickle("net", "net.pkl", Net())
    ```
    ```python model.py
    class Net:
        def __init__(self, size=3):
            self.size = size
    ```

    ## How it is confirmed
    The package is exported; the finding is confirmed if the PackagingError names the module.
    """

    code = "TPK512"
    name = "mocked-object-pickled"
    severity = Severity.ERROR
    since = "0.1"
    confirmed_by = ExperimentKind.EXPORT_ERROR

    def check_closure(self, closure: Closure, project: Project) -> Iterator[Diagnostic]:
        """Look for pickles of mocked modules."""
        package = closure.package
        for module, reason in closure.broken.items():
            if reason is not PackagingErrorReason.MOCKED_BUT_STILL_USED:
                continue
            root = next((root for root in package.roots if module in {name for name, _ in root.globals}), None)
            root = root or next((root for root in package.roots if root.module == module), None)
            call = next((call for call in package.actions if matches(call, module)), None)
            where = call.place_of(deciding_pattern(call, module)) if call is not None else None
            if root is None:
                continue
            yield finding_at(
                self,
                closure,
                root.place,
                f"this object needs `{module}`, which package `{package.name}` mocks: the export raises PackagingError",
                symbol=module,
                help="intern or extern the module",
                related=(Related(where.path, where.span, "mocked here"),) if where and where.path else (),
            )
