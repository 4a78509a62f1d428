"""TPK133 exporter-arguments."""

from collections.abc import Iterator

from tpkg_analyzer.model.diagnostic import Diagnostic, Severity
from tpkg_analyzer.model.package import IncidentKind
from tpkg_analyzer.rule.context import Project
from tpkg_analyzer.rule.exporting import finding_at, mended
from tpkg_analyzer.rule.rule import Rule
from tpkg_analyzer.scan.closure import Closure


class ExporterArguments(Rule):
    """The exporter is given a file or an importer that it cannot use.

    ## What it does
    Reports a first argument that is no path or file, an importer that is a module, and a `sys_importer` that
    stands before the importer of a package.

    ## Why is this bad?
    A wrong first argument ends the process in C++ code, without an exception. A module as importer fails at the
    first save. With `sys_importer` first, the host's source replaces that of the package, with no more than a
    warning.

    ## Example
    ```python export.py
    import torch.package.package_importer as importer
    from torch.package import PackageExporter, sys_importer

    with PackageExporter("net.pt", importer=(importer, sys_importer)) as exporter:
        exporter.save_module("net")
    ```
    ```python net.py
    SIZE = 3
    ```

    ## Use instead
    ```python export.py
    from torch.package import PackageExporter, PackageImporter, sys_importer

    importer = PackageImporter("old.pt")
    with PackageExporter("net.pt", importer=(importer, sys_importer)) as exporter:
        exporter.save_module("net")
    ```
    ```python net.py
    SIZE = 3
    ```

    ## Fix safety
    Safe. Path and importer change places where both are there; a module among the importers is removed, because it
    can give nothing; the importer of the package goes before that of the host.

    ## How it is confirmed
    Nothing is tried: a trial could end the process.
    """

    code = "TPK133"
    name = "exporter-arguments"
    severity = Severity.ERROR
    since = "0.1"

    def check_closure(self, closure: Closure, project: Project) -> Iterator[Diagnostic]:
        """Report the arguments that cannot work."""
        exporter = f"the exporter of package `{closure.package.name}`"
        for incident in closure.package.incidents:
            match incident.kind:
                case IncidentKind.WRONG_TARGET:
                    given = _with_article(incident.subject)
                    message = f"{exporter} writes to a path or a file, not to {given}: the process aborts"
                    advice = "give it the path of the archive, and the importer by name"
                    title = "Give the path first"
                case IncidentKind.MODULE_AS_IMPORTER:
                    what = f"`{incident.subject}` is a module, not an importer"
                    message = f"{what}: {exporter} raises at its first save"
                    advice = "give it a PackageImporter, or sys_importer"
                    title = f"Remove {incident.subject} from the importers"
                case IncidentKind.SYSTEM_FIRST:
                    message = (
                        f"sys_importer stands before the package's importer: {exporter} takes the host's source instead"
                    )
                    advice = "put the package's importer first"
                    title = advice.capitalize()
                case _:
                    continue
            is_order = incident.kind is IncidentKind.SYSTEM_FIRST
            yield finding_at(
                self,
                closure,
                incident.place,
                message,
                symbol=incident.subject or incident.kind.value,
                help=advice,
                fix=mended(incident, title),
                severity=Severity.WARNING if is_order else None,
            )


def _with_article(word: str) -> str:
    return f"an {word}" if word[:1] in "aeiou" else f"a {word}"
