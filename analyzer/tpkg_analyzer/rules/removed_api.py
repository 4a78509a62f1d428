"""TPK131 removed-api."""

from collections.abc import Iterator

from tpkg_analyzer.model.diagnostic import Diagnostic, Severity
from tpkg_analyzer.model.package import IncidentKind
from tpkg_analyzer.rule.context import Project
from tpkg_analyzer.rule.exporting import finding_at, mended, replaced
from tpkg_analyzer.rule.rule import Rule
from tpkg_analyzer.scan.closure import Closure


class RemovedApi(Rule):
    """The export uses a method or keyword that torch.package no longer has.

    ## What it does
    Reports calls such as `require_module`, `save_mock_module` and `file_structure` on an exporter, and the
    keyword `verbose`.

    ## Why is this bad?
    They went years ago, without a shim: the call raises AttributeError or TypeError.

    ## Example
    ```python export.py
    from torch.package import PackageExporter

    with PackageExporter("net.pt") as exporter:
        exporter.require_module("net")
    ```
    ```python net.py
    SIZE = 3
    ```

    ## Use instead
    ```python export.py
    from torch.package import PackageExporter

    with PackageExporter("net.pt") as exporter:
        exporter.save_module("net")
    ```
    ```python net.py
    SIZE = 3
    ```

    ## Fix safety
    Safe. The method is replaced by the one that does the same now, and the keyword is removed.

    ## How it is confirmed
    Nothing is tried: the signatures of torch.package decide.
    """

    code = "TPK131"
    name = "removed-api"
    severity = Severity.ERROR
    since = "0.1"

    def check_closure(self, closure: Closure, project: Project) -> Iterator[Diagnostic]:
        """Report what the calls ask for in vain."""
        for incident in closure.package.incidents:
            if incident.kind is IncidentKind.REMOVED_API:
                new = incident.detail
                yield finding_at(
                    self,
                    closure,
                    incident.place,
                    f"torch.package has no `{incident.subject}` any more: AttributeError",
                    symbol=incident.subject,
                    help=f"call `{new}`" if new else "remove the call",
                    fix=replaced(incident.place, new, f"Call {new}") if new else None,
                )
            elif incident.kind is IncidentKind.REMOVED_KEYWORD:
                yield finding_at(
                    self,
                    closure,
                    incident.place,
                    f"PackageExporter takes no argument `{incident.subject}`: TypeError",
                    symbol=incident.subject,
                    help="remove it; `debug=True` keeps paths of imports for its error messages",
                    fix=mended(incident, f"Remove {incident.subject}"),
                )
