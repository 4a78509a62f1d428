"""TPK105 unparsable-dependency."""

from collections.abc import Iterator

from tpkg_analyzer.model.diagnostic import Diagnostic, Severity
from tpkg_analyzer.rule.chains import Demand, chain_above, demand_for
from tpkg_analyzer.rule.context import Project
from tpkg_analyzer.rule.rule import Rule
from tpkg_analyzer.scan.closure import Closure
from tpkg_analyzer.scan.facts import ModuleFacts
from tpkg_runtime.spec.imports import EdgeKind, absolute_name, package_of
from tpkg_runtime.spec.reasons import PackagingErrorReason
from tpkg_runtime.spec.source import Span
from tpkg_runtime.wire.messages import ExperimentKind


class UnparsableDependency(Rule):
    """The exporter cannot tell what an interned module imports.

    ## What it does
    Reports an interned module whose imports the exporter cannot read: a relative import that leaves its top package,
    also one in a function that nothing calls, an expression nested too deep, or a source given to the exporter that
    does not parse. A file that does not parse cannot be imported either and is dropped: that is dropped-import.

    ## Why is this bad?
    The export ends with a PackagingError, "Dependency resolution failed", that does not say which line is at fault,
    and everything else that the module imports is missing as well.

    ## Example
    ```toml
    [[tool.tpkg-lint.package]]
    name = "classifier"
    modules = ["classifier.model"]
    actions = [{ intern = "classifier.**" }]
    ```
    ```python classifier/__init__.py
    ```
    ```python classifier/model.py
    def tools():
        from .. import tools

        return tools
    ```

    ## Use instead
    ```toml
    [[tool.tpkg-lint.package]]
    name = "classifier"
    modules = ["classifier.model"]
    actions = [{ intern = "classifier.**" }]
    ```
    ```python classifier/__init__.py
    ```
    ```python classifier/model.py
    from . import tools

    SIZE = tools.SIZE
    ```
    ```python classifier/tools.py
    SIZE = 2
    ```

    ## How it is confirmed
    The package is exported; the finding is confirmed if the PackagingError says that the module's dependencies could
    not be resolved.
    """

    code = "TPK105"
    name = "unparsable-dependency"
    severity = Severity.ERROR
    since = "0.1"
    confirmed_by = ExperimentKind.EXPORT_ERROR

    def check_closure(self, closure: Closure, project: Project) -> Iterator[Diagnostic]:
        """Report every interned module whose imports cannot be read, at the line that is at fault."""
        for name, reason in closure.broken.items():
            if reason is not PackagingErrorReason.DEPENDENCY_RESOLUTION_FAILED:
                continue
            facts, path = project.facts(name), closure.modules[name].path
            cause = _cause(name, path is not None and path.stem == "__init__", facts) if facts and path else None
            if cause is not None and path is not None:
                why, span = cause
                demand: Demand | None = Demand(closure.package.name, name, name, path, span, chain_above(closure, name))
            else:
                why, demand = f"the source of `{name}` does not parse", demand_for(closure, name)
            if demand is not None:
                yield demand.finding(
                    self,
                    f"{why}: what `{name}` imports cannot be resolved for package `{closure.package.name}`, "
                    "and the export raises PackagingError",
                    help="mend the line, or keep the module out of the package",
                )


def _cause(name: str, is_package: bool, facts: ModuleFacts) -> tuple[str, Span] | None:
    if facts.problem is not None:
        return facts.problem.message, facts.problem.span
    package = package_of(name, is_package)
    for item in facts.imports:
        if item.kind is EdgeKind.DUNDER_IMPORT:
            continue
        try:
            absolute_name(item.module, package, item.level)
        except ValueError:
            return f"this relative import leaves the top package `{name.partition('.')[0]}`", item.span
    return None
