"""TPK115 export-not-found."""

from collections.abc import Iterator

from tpkg_analyzer.model.diagnostic import Diagnostic, Severity
from tpkg_analyzer.rule.context import Project
from tpkg_analyzer.rule.rule import Rule
from tpkg_analyzer.scan.closure import Closure


class ExportNotFound(Rule):
    """`at` names a place where no code makes an exporter.

    ## What it does
    Reports `at` of a configured package if its file is not there, or if it was read and nothing in it, or in the
    function that is named, makes a `PackageExporter`. A file that is there and was not among the checked paths is no
    finding.

    ## Why is this bad?
    The table is to complete the export in code. Without that place it stands alone: the export in code stays open,
    and what is found is about a package that nobody exports.

    ## Example
    ```toml
    [[tool.tpkg-lint.package]]
    name = "classifier"
    at = "export.py:man"
    actions = [{ intern = "classifier" }]
    ```
    ```python export.py
    import sys

    from torch.package import PackageExporter


    def main():
        with PackageExporter("classifier.pt") as exporter:
            exporter.intern(sys.argv[1:])
            exporter.save_module("classifier")
    ```
    ```python classifier.py
    LIMIT = 3
    ```

    ## Use instead
    ```toml
    [[tool.tpkg-lint.package]]
    name = "classifier"
    at = "export.py:main"
    actions = [{ intern = "classifier" }]
    ```
    ```python export.py
    import sys

    from torch.package import PackageExporter


    def main():
        with PackageExporter("classifier.pt") as exporter:
            exporter.intern(sys.argv[1:])
            exporter.save_module("classifier")
    ```
    ```python classifier.py
    LIMIT = 3
    ```

    ## How it is confirmed
    Nothing is tried: what code makes an exporter is read, not run.
    """

    code = "TPK115"
    name = "export-not-found"
    severity = Severity.ERROR
    since = "0.1"

    def check_closure(self, closure: Closure, project: Project) -> Iterator[Diagnostic]:
        """Report a place that the code does not have."""
        package = closure.package
        if package.astray is None or package.astray.place.path is None:
            return
        yield Diagnostic(
            code=self.code,
            name=self.name,
            message=f"no code at `{package.at}` makes an exporter: package `{package.name}` completes no export",
            severity=self.severity,
            path=package.astray.place.path,
            span=package.astray.place.span,
            symbol=package.at or "",
            package=package.name,
            help=package.astray.remedy,
        )
