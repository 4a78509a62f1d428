"""TPK103 extension-module-interned."""

from collections.abc import Iterator

from tpkg_analyzer.model.diagnostic import Diagnostic, Severity
from tpkg_analyzer.rule.certain import certainly_broken
from tpkg_analyzer.rule.chains import demand_for
from tpkg_analyzer.rule.context import Project
from tpkg_analyzer.rule.declarations import add_action_before, outside_pattern
from tpkg_analyzer.rule.rule import Rule
from tpkg_analyzer.scan.closure import Closure
from tpkg_runtime.spec.reasons import PackagingErrorReason
from tpkg_runtime.wire.messages import ExperimentKind


class ExtensionModuleInterned(Rule):
    """A compiled module would be interned.

    ## What it does
    Reports each module of the closure that is a C extension and that an intern pattern takes, at the import that first
    asks for it.

    ## Why is this bad?
    A package holds Python sources. The export ends with a PackagingError that lists the extension modules, and not
    what asked for them.

    ## Example
    ```toml
    [[tool.tpkg-lint.package]]
    name = "classifier"
    modules = ["classifier"]
    actions = [{ intern = "**" }]
    ```
    ```python classifier.py
    from libcst import native


    def predict(text):
        return native.parse_module(text)
    ```

    ## Use instead
    ```toml
    [[tool.tpkg-lint.package]]
    name = "classifier"
    modules = ["classifier"]
    actions = [{ extern = "libcst.**" }, { intern = "**" }]
    ```
    ```python classifier.py
    from libcst import native


    def predict(text):
        return native.parse_module(text)
    ```

    ## Fix safety
    Safe. The fix adds an extern of the extension's top package before the pattern that interns it; where that package
    is the project's own or is saved itself, of the extension alone.

    ## How it is confirmed
    The package is exported; the finding is confirmed if the PackagingError names the module as a C extension.
    """

    code = "TPK103"
    name = "extension-module-interned"
    severity = Severity.ERROR
    since = "0.1"
    confirmed_by = ExperimentKind.EXPORT_ERROR

    def check_closure(self, closure: Closure, project: Project) -> Iterator[Diagnostic]:
        """Report every extension module that is interned."""
        for name, reason in certainly_broken(closure).items():
            if reason is not PackagingErrorReason.IS_EXTENSION_MODULE or (demand := demand_for(closure, name)) is None:
                continue
            pattern = outside_pattern(closure, name, is_own=project.is_first_party(name))
            yield demand.finding(
                self,
                f"`{name}` is a C extension and package `{closure.package.name}` interns it: "
                "the export raises PackagingError",
                help=f'extern "{pattern}" before the pattern that interns it',
                fix=add_action_before(closure.package, closure.modules[name].pattern, "extern", pattern),
            )
