"""TPK132 exporter-not-closed."""

from collections.abc import Iterator
from dataclasses import replace

from tpkg_analyzer.model.diagnostic import Diagnostic, Edit, Fix, Severity
from tpkg_analyzer.model.package import IncidentKind, Package, Root
from tpkg_analyzer.rule.context import Project
from tpkg_analyzer.rule.exporting import finding_at, source_lines
from tpkg_analyzer.rule.rule import Rule
from tpkg_analyzer.scan.closure import Closure


class ExporterNotClosed(Rule):
    """An exporter is never closed, or used after it was.

    ## What it does
    Reports an exporter that is made without `with` and without a call of `close`, and calls that come after it
    was closed.

    ## Why is this bad?
    Dependencies are resolved and the file is finished in `close`. Without it a file is left that cannot be
    loaded; after it, calls raise AttributeError.

    ## Example
    ```python export.py
    from torch.package import PackageExporter

    exporter = PackageExporter("net.pt")
    exporter.save_module("net")
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
    Safe. `close()` is called after the last call on the exporter, where that is a statement of its own; otherwise
    it is left to the reader.

    ## How it is confirmed
    Nothing is tried: the code decides.
    """

    code = "TPK132"
    name = "exporter-not-closed"
    severity = Severity.ERROR
    since = "0.1"

    def check_closure(self, closure: Closure, project: Project) -> Iterator[Diagnostic]:
        """Report what the interpreter of the export saw."""
        package = closure.package
        for incident in package.incidents:
            if incident.kind is IncidentKind.NOT_CLOSED:
                yield finding_at(
                    self,
                    closure,
                    incident.place,
                    f"the exporter of package `{package.name}` is not closed: the file cannot be loaded",
                    symbol="close",
                    help="use it in a `with` statement",
                    fix=_closing(project, package),
                )
            elif incident.kind is IncidentKind.USED_AFTER_CLOSE:
                yield finding_at(
                    self,
                    closure,
                    incident.place,
                    f"`{incident.subject}` is called after the exporter was closed: nothing more goes into package "
                    f"`{package.name}`, and the call raises AttributeError",
                    symbol=incident.subject,
                    help="move it into the `with` block",
                )


def _closing(project: Project, package: Package) -> Fix | None:
    """Close it after the last call, if that stands in the block that makes the exporter."""
    last = package.steps[-1] if package.steps else None
    if last is None or not last.receiver or not last.is_certain:
        return None
    place = last.call if isinstance(last, Root) else last.place
    lines = source_lines(project, package, place)
    if not lines or place.path is None or place.path != package.declared.path:
        return None
    made, span = lines[package.declared.span.line - 1], place.span
    if len(made) - len(made.lstrip()) != span.column - 1:
        return None
    end = replace(span, line=span.end_line, column=span.end_column)
    text = "\n" + " " * (span.column - 1) + f"{last.receiver}.close()"
    return Fix("Close it after the last call", (Edit(place.path, end, text),), is_safe=True)
