"""TPK004 export-not-understood."""

from collections.abc import Iterator

from tpkg_analyzer.model.diagnostic import Diagnostic, Severity
from tpkg_analyzer.model.package import Place
from tpkg_analyzer.rule.context import Project
from tpkg_analyzer.rule.exporting import finding_at
from tpkg_analyzer.rule.rule import Rule
from tpkg_analyzer.rule.table import settling_table
from tpkg_analyzer.scan.closure import Closure


class ExportNotUnderstood(Rule):
    """An export depends on something that only running the program tells.

    ## What it does
    Reports each expression in a pattern, or in what is saved, that the analyzer cannot evaluate: listings of
    folders, arguments of the command line, what a file holds, what an unknown function returns. The package is
    open from there on, and findings that could be otherwise are not made.

    ## Why is this bad?
    It is not wrong. But a finding that is not made is not a clean bill: what follows the expression was not
    checked.

    ## Example
    ```python export.py
    import os

    from torch.package import PackageExporter

    with PackageExporter("net.pt") as exporter:
        exporter.intern(os.environ.get("INTERNED", "net").split())
        exporter.save_module("net")
    ```
    ```python net.py
    SIZE = 3
    ```

    ## Use instead
    ```toml
    [[tool.tpkg-lint.package]]
    name = "net"
    at = "export.py"
    actions = [{ intern = "net" }]
    ```
    ```python export.py
    import os

    from torch.package import PackageExporter

    with PackageExporter("net.pt") as exporter:
        exporter.intern(os.environ.get("INTERNED", "net").split())
        exporter.save_module("net")
    ```
    ```python net.py
    SIZE = 3
    ```

    ## How it is confirmed
    Nothing is tried: the analyzer speaks of itself.
    """

    code = "TPK004"
    name = "export-not-understood"
    severity = Severity.INFO
    since = "0.1"

    def check_closure(self, closure: Closure, project: Project) -> Iterator[Diagnostic]:
        """Report what was not understood, where it stands."""
        package = closure.package
        for unknown in package.unknown:
            what = "objects" if unknown.is_root else "actions"
            yield finding_at(
                self,
                closure,
                Place(unknown.path, unknown.span),
                f"`{unknown.expression}` is not known before the program runs: from here on the {what} of package "
                f"`{package.name}` are open",
                symbol=unknown.expression,
                help=f"settle it in the configuration:\n{settling_table(package, project)}",
            )
