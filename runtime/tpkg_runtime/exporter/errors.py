"""What stops an export."""

import sys

from tpkg_runtime.spec.graph import DiGraph
from tpkg_runtime.spec.reasons import PackagingErrorReason

_SYSTEM_LEVEL = ("sys", "io")


class EmptyMatchError(Exception):
    """A pattern with `allow_empty=False` was given to no module."""


class ExportError(ValueError, AssertionError):
    """An exporter was asked for what cannot be in a package: a record twice, a resource where a module is.

    Also an AssertionError, because that is what the original raises where it notices.
    """


class PackagingReportError(Exception):
    """Carries the report of a PackagingError into tracebacks of Python 3.10."""

    def __str__(self) -> str:
        return f"\n{super().__str__()}\n"


class PackagingError(Exception):
    """Modules of the closure cannot be packaged; the text lists all of them by reason.

    `dependency_graph` tells more to programs. What would settle each module, and by which imports it came in, stands
    in `report`, and below the exception wherever it is shown: the text itself stays that of torch.package.
    """

    def __init__(self, dependency_graph: DiGraph, debug: bool = False, report: str = "") -> None:
        self.dependency_graph = dependency_graph
        self.report = report
        super().__init__(_message(dependency_graph, debug))
        if report and sys.version_info >= (3, 11):
            self.add_note(report)
        elif report:  # no notes: a cause is shown with every traceback as well
            self.__cause__ = PackagingReportError(report)


def _message(graph: DiGraph, debug: bool) -> str:
    """Return the text, word for word that of torch.package."""
    broken: dict[PackagingErrorReason, list[str]] = {}
    for module, attributes in graph.nodes.items():
        reason = attributes.get("error")
        if reason is None:
            continue
        if reason is PackagingErrorReason.NO_ACTION and "action" in attributes:
            raise AssertionError(f"module {module} has NO_ACTION error but action is set")
        broken.setdefault(reason, []).append(module)
    lines = [""]
    for reason, modules in broken.items():
        lines.append(f"* {reason.value}")
        for module in modules:
            lines.append(f"    {module}")
            context = graph.nodes[module].get("error_context")
            if context is not None:
                lines.append(f"      Context: {context}")
            if module in _SYSTEM_LEVEL:
                lines.append(_system_level_note(module))
            if debug:
                lines.append(f"      A path to {module}: {' -> '.join(graph.first_path(module))}")
    if not debug:
        lines.append("")
        lines.append(
            "Set debug=True when invoking PackageExporter for a visualization of where broken modules are coming from!"
        )
    return "\n".join(lines) + "\n"


def _system_level_note(module: str) -> str:
    return (
        "      Note: While we usually use modules in the python standard library "
        f"from the local environment, `{module}` has a lot of system "
        "level access and therefore can pose a security risk. We heavily "
        f"recommend removing `{module}` from your packaged code. However, if that "
        "is not possible, add it to the extern list by calling "
        f'PackageExporter.extern("`{module}`")'
    )
