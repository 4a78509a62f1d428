"""TPK101 no-action."""

from collections.abc import Iterator

from tpkg_analyzer.model.diagnostic import Diagnostic, Severity
from tpkg_analyzer.rule.certain import certainly_broken
from tpkg_analyzer.rule.chains import demand_for
from tpkg_analyzer.rule.context import Project
from tpkg_analyzer.rule.declarations import add_action
from tpkg_analyzer.rule.late import IMPLICIT_SYSTEM, is_matched_later
from tpkg_analyzer.rule.rule import Rule
from tpkg_analyzer.scan.closure import MAIN, Closure
from tpkg_runtime.spec.reasons import PackagingErrorReason
from tpkg_runtime.wire.messages import ExperimentKind

_OTHER_SCRIPT = (
    'remove the import, or extern "__main__": then it is the script that loads the package, not the one that exports it'
)


class NoAction(Rule):
    """A module of the closure matches no pattern.

    ## What it does
    Follows the imports of everything that the package saves, as the exporter does, and reports each module for which
    no intern, extern, mock or deny pattern has a word, with the chain of imports that leads to it.

    ## Why is this bad?
    The export ends with a PackagingError. The exporter names the modules, not the imports that ask for them, and a
    module that is interned to mend the first error often brings the next one.

    ## Example
    ```toml
    [[tool.tpkg-lint.package]]
    name = "classifier"
    modules = ["classifier"]
    actions = [{ intern = "classifier.**" }]
    ```
    ```python classifier.py
    import helpers

    LIMIT = helpers.LIMIT
    ```
    ```python helpers.py
    LIMIT = 3
    ```

    ## Use instead
    ```toml
    [[tool.tpkg-lint.package]]
    name = "classifier"
    modules = ["classifier"]
    actions = [{ intern = "classifier.**" }, { intern = "helpers" }]
    ```
    ```python classifier.py
    import helpers

    LIMIT = helpers.LIMIT
    ```
    ```python helpers.py
    LIMIT = 3
    ```

    ## Fix safety
    Safe. The fix adds one action after those that are declared: intern for first-party modules, extern for all others.
    What other modules get does not change, because earlier patterns are asked first. There is none for `__main__`: it
    is one script where the package is exported and another where it is loaded.

    ## How it is confirmed
    The package is exported; the finding is confirmed if the PackagingError names the module.
    """

    code = "TPK101"
    name = "no-action"
    severity = Severity.ERROR
    since = "0.1"
    confirmed_by = ExperimentKind.EXPORT_ERROR

    def check_closure(self, closure: Closure, project: Project) -> Iterator[Diagnostic]:
        """Report every module without an action at the import that first asks for it."""
        for name, reason in certainly_broken(closure).items():
            if name in IMPLICIT_SYSTEM or (name == MAIN and closure.pickles_script) or is_matched_later(closure, name):
                continue  # TPK107, TPK501 and TPK127 say more
            if reason is not PackagingErrorReason.NO_ACTION or (demand := demand_for(closure, name)) is None:
                continue
            if name == MAIN:
                yield demand.finding(self, _message(f"`{name}`, the script that is run,", closure), help=_OTHER_SCRIPT)
                continue
            verb = "intern" if project.is_first_party(name) else "extern"
            pattern = name if name in project.stdlib_names else f"{name.partition('.')[0]}.**"
            instead = "save an object without it" if demand.is_pickled else "remove the import"
            yield demand.finding(
                self,
                _message(f"`{name}`", closure),
                help=f'{verb} "{pattern}", or {instead}',
                fix=add_action(closure.package, verb, pattern),
            )


def _message(module: str, closure: Closure) -> str:
    return (
        f"{module} is in the closure of package `{closure.package.name}` and no pattern matches it: "
        "the export raises PackagingError"
    )
