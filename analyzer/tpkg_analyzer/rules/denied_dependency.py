"""TPK102 denied-dependency."""

from collections.abc import Iterator

from tpkg_analyzer.model.diagnostic import Diagnostic, Related, Severity
from tpkg_analyzer.rule.certain import certainly_broken
from tpkg_analyzer.rule.chains import demand_for
from tpkg_analyzer.rule.context import Project
from tpkg_analyzer.rule.rule import Rule
from tpkg_analyzer.scan.closure import Closure
from tpkg_runtime.spec.reasons import PackagingErrorReason
from tpkg_runtime.wire.messages import ExperimentKind


class DeniedDependency(Rule):
    """A module that a deny pattern forbids is reached.

    ## What it does
    Follows the imports of everything that the package saves and reports each module whose first matching pattern is a
    deny pattern, at the import that first asks for it, with the chain that leads there.

    ## Why is this bad?
    The export ends with a PackagingError. The exporter names the module, not the import that asks for it.

    ## Example
    ```toml
    [[tool.tpkg-lint.package]]
    name = "classifier"
    modules = ["classifier"]
    actions = [{ deny = "telemetry.**" }, { intern = "**" }]
    ```
    ```python classifier.py
    import telemetry


    def predict(text):
        telemetry.count("predict")
        return len(text)
    ```
    ```python telemetry.py
    def count(name):
        print(name)
    ```

    ## Use instead
    ```toml
    [[tool.tpkg-lint.package]]
    name = "classifier"
    modules = ["classifier"]
    actions = [{ deny = "telemetry.**" }, { intern = "**" }]
    ```
    ```python classifier.py
    def predict(text, count=None):
        if count is not None:
            count("predict")
        return len(text)
    ```
    ```python telemetry.py
    def count(name):
        print(name)
    ```

    ## How it is confirmed
    The package is exported; the finding is confirmed if the PackagingError names the module as denied.
    """

    code = "TPK102"
    name = "denied-dependency"
    severity = Severity.ERROR
    since = "0.1"
    confirmed_by = ExperimentKind.EXPORT_ERROR

    def check_closure(self, closure: Closure, project: Project) -> Iterator[Diagnostic]:
        """Report every denied module at the import that first asks for it."""
        for name, reason in certainly_broken(closure).items():
            if reason is not PackagingErrorReason.DENIED or (demand := demand_for(closure, name)) is None:
                continue
            by, advice = ("object", "save one without it") if demand.is_pickled else ("import", "remove it")
            yield demand.finding(
                self,
                f"`{name}` is denied in package `{closure.package.name}` and reached by this {by}: "
                "the export raises PackagingError",
                help=f"{advice}, or move what needs it out of the package",
                related=_pattern(closure, name),
            )


def _pattern(closure: Closure, name: str) -> tuple[Related, ...]:
    index = closure.modules[name].pattern
    if index is None or (place := closure.package.actions[index].place).path is None:
        return ()
    return (Related(place.path, place.span, f"`{name}` is denied here"),)
