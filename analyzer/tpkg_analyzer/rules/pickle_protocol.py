"""TPK511 pickle-protocol."""

from collections.abc import Iterator

from tpkg_analyzer.model.diagnostic import Diagnostic, Severity
from tpkg_analyzer.model.package import IncidentKind
from tpkg_analyzer.rule.context import Project
from tpkg_analyzer.rule.exporting import finding_at, replaced
from tpkg_analyzer.rule.rule import Rule
from tpkg_analyzer.scan.closure import Closure
from tpkg_runtime.wire.messages import Experiment, ExperimentKind


class PickleProtocol(Rule):
    """A save asks for a pickle protocol that torch.package cannot write or read.

    ## What it does
    Reports protocols other than 3 and 4, and protocol 4 for an object of a nested class.

    ## Why is this bad?
    The exporter refuses other protocols with an AssertionError. With protocol 4 a class inside a class is written
    by its qualified name, which the importer does not find.

    ## Example
    ```python export.py
    from torch.package import PackageExporter

    from model import Net

    with PackageExporter("net.pt") as exporter:
        exporter.intern("**")
        exporter.save_pickle("net", "net.pkl", Net(), pickle_protocol=5)
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
        exporter.save_pickle("net", "net.pkl", Net(), pickle_protocol=4)
    ```
    ```python model.py
    class Net:
        def __init__(self, size=3):
            self.size = size
    ```

    ## Fix safety
    Safe. Protocol 3 is what the exporter uses by itself.

    ## How it is confirmed

    Something is saved with the protocol, and loaded. The finding is confirmed if that raises.
    """

    code = "TPK511"
    name = "pickle-protocol"
    severity = Severity.ERROR
    since = "0.1"
    confirmed_by = ExperimentKind.PROTOCOL

    def experiment(self, finding: Diagnostic, code: str) -> Experiment | str | None:
        """Save with the protocol; where protocol 4 is at fault, the nested class."""
        is_nested = "nested class" in finding.message
        symbol, protocol = (finding.symbol, "4") if is_nested else ("", finding.symbol)
        return Experiment(0, ExperimentKind.PROTOCOL, finding.module, symbol, protocol)

    def check_closure(self, closure: Closure, project: Project) -> Iterator[Diagnostic]:
        """Report the protocols that cannot work."""
        is_tpkg = closure.package.runtime == "tpkg" or project.runtime == "tpkg"
        for incident in closure.package.incidents:
            if incident.kind is IncidentKind.WRONG_PROTOCOL:
                message = (
                    f"torch.package writes pickle protocol 3 or 4, not {incident.subject}: the export of package "
                    f"`{closure.package.name}` raises AssertionError"
                )
            elif incident.kind is IncidentKind.NESTED_WITH_PROTOCOL and not is_tpkg:
                message = (
                    f"with protocol 4 the nested class `{incident.subject}` cannot be loaded from package "
                    f"`{closure.package.name}`"
                )
            else:
                continue
            yield finding_at(
                self,
                closure,
                incident.place,
                message,
                symbol=incident.subject,
                help="use protocol 3, which is the default",
                fix=replaced(incident.place, "3", "Use protocol 3"),
            )
