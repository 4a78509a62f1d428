"""TPK508 temporary-object."""

from collections.abc import Iterator

from tpkg_analyzer.model.diagnostic import Diagnostic, Severity
from tpkg_analyzer.model.package import IncidentKind
from tpkg_analyzer.rule.context import Project
from tpkg_analyzer.rule.exporting import finding_at, mended
from tpkg_analyzer.rule.rule import Rule
from tpkg_analyzer.scan.closure import Closure
from tpkg_runtime.wire.messages import ExperimentKind


class TemporaryObject(Rule):
    """A temporary object that packages itself is saved.

    ## What it does
    Reports `save_pickle` of the result of a call, if that is a scripted module or of a class with
    `__reduce_package__`.

    ## Why is this bad?
    The exporter of torch remembers such objects by their address and keeps no reference. A temporary is gone
    after the save, the next one takes its address, and loading gives the first one twice.

    ## Example
    ```python export.py
    from torch.package import PackageExporter

    from model import Net

    with PackageExporter("net.pt") as exporter:
        exporter.intern("**")
        exporter.save_pickle("net", "net.pkl", Net())
    ```
    ```python model.py
    class Net:
        def __reduce_package__(self, exporter):
            return make, ()


    def make(importer):
        return Net()
    ```

    ## Use instead
    ```python export.py
    from torch.package import PackageExporter

    from model import Net

    net = Net()

    with PackageExporter("net.pt") as exporter:
        exporter.intern("**")
        exporter.save_pickle("net", "net.pkl", net)
    ```
    ```python model.py
    class Net:
        def __reduce_package__(self, exporter):
            return make, ()


    def make(importer):
        return Net()
    ```

    ## Fix safety
    Safe. The object is made where it was made before and gets a name. There is no fix in a loop, which would give
    the name to the next object, nor in a function that ends before the exporter is closed.

    ## How it is confirmed

    A temporary of the class is saved. The finding is confirmed if it is gone then while the exporter still goes by its
    address, and stays open if the class wants arguments.
    """

    code = "TPK508"
    name = "temporary-object"
    severity = Severity.WARNING
    since = "0.1"
    confirmed_by = ExperimentKind.TEMPORARY

    def check_closure(self, closure: Closure, project: Project) -> Iterator[Diagnostic]:
        """Report what the calls hand over; our runtime keeps the objects."""
        if closure.package.runtime == "tpkg" or project.runtime == "tpkg":
            return
        for incident in closure.package.incidents:
            if incident.kind is IncidentKind.TEMPORARY:
                yield finding_at(
                    self,
                    closure,
                    incident.place,
                    f"this `{incident.subject}` is gone after the save, and a later one can be taken for it in package "
                    f"`{closure.package.name}`",
                    symbol=incident.subject,
                    help="give it a name that lives until the exporter is closed",
                    fix=mended(incident, "Keep it alive under a name"),
                )
