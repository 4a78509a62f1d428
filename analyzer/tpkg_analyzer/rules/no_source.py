"""TPK104 no-source."""

from collections.abc import Iterator

from tpkg_analyzer.model.diagnostic import Diagnostic, Severity
from tpkg_analyzer.rule.certain import certainly_broken
from tpkg_analyzer.rule.chains import demand_for
from tpkg_analyzer.rule.context import Project
from tpkg_analyzer.rule.declarations import add_action_before, outside_pattern
from tpkg_analyzer.rule.rule import Rule
from tpkg_analyzer.scan.closure import Closure
from tpkg_runtime.spec.actions import Action
from tpkg_runtime.spec.reasons import PackagingErrorReason
from tpkg_runtime.wire.messages import ExperimentKind

_REASONS = frozenset({PackagingErrorReason.NO_DUNDER_FILE, PackagingErrorReason.SOURCE_FILE_NOT_FOUND})
_SYSTEM = frozenset({"sys", "io"})


class NoSource(Rule):
    """A module without a Python source would be interned.

    ## What it does
    Reports namespace packages, modules of which there is bytecode only, and builtin and frozen modules that an intern
    pattern takes, at the import that first asks for them. `sys` has a rule of its own, implicit-system-module.

    ## Why is this bad?
    There is nothing to put into the package: the export ends with a PackagingError. A namespace package is met where a
    folder has no `__init__.py` and an import names the folder itself.

    ## Example
    ```toml
    [[tool.tpkg-lint.package]]
    name = "classifier"
    modules = ["classifier"]
    actions = [{ intern = "**" }]
    ```
    ```python classifier.py
    import layers
    import layers.dense

    SIZE = layers.dense.SIZE
    ```
    ```python layers/dense.py
    SIZE = 2
    ```

    ## Use instead
    ```toml
    [[tool.tpkg-lint.package]]
    name = "classifier"
    modules = ["classifier"]
    actions = [{ intern = "**" }]
    ```
    ```python classifier.py
    from layers import dense

    SIZE = dense.SIZE
    ```
    ```python layers/dense.py
    SIZE = 2
    ```

    ## Fix safety
    Safe. A namespace package of which modules are interned is mocked, because a package with an extern parent of
    interned modules cannot be loaded; everything else is made extern, before the pattern that interns it.

    ## How it is confirmed
    The package is exported; the finding is confirmed if the PackagingError names the module.
    """

    code = "TPK104"
    name = "no-source"
    severity = Severity.ERROR
    since = "0.1"
    confirmed_by = ExperimentKind.EXPORT_ERROR

    def check_closure(self, closure: Closure, project: Project) -> Iterator[Diagnostic]:
        """Report every module without a source that is interned."""
        for name, reason in certainly_broken(closure).items():
            if reason not in _REASONS or name in _SYSTEM or (demand := demand_for(closure, name)) is None:
                continue
            has_no_file = reason is PackagingErrorReason.NO_DUNDER_FILE and name not in project.stdlib_names
            is_replaced = has_no_file and project.state(name) is not None
            is_namespace = has_no_file and not is_replaced
            if is_namespace and _has_interned_children(closure, name):
                verb, pattern = "mock", name
            elif is_namespace:
                verb, pattern = "extern", name
            else:
                verb, pattern = "extern", outside_pattern(closure, name, is_own=project.is_first_party(name))
            what = "has no source"
            if is_namespace:
                what = "is a namespace package, a folder without `__init__.py`,"
            elif is_replaced:
                what = "puts an object without a `__file__` in its place in `sys.modules`,"
            advice = f'{verb} "{pattern}" before the pattern that interns it'
            yield demand.finding(
                self,
                f"`{name}` {what} and package `{closure.package.name}` interns it: the export raises PackagingError",
                help=f"{advice}, give it an `__init__.py`, or import only its modules" if is_namespace else advice,
                fix=add_action_before(closure.package, closure.modules[name].pattern, verb, pattern),
            )


def _has_interned_children(closure: Closure, name: str) -> bool:
    below = (module for other, module in closure.modules.items() if other.startswith(f"{name}."))
    return any(module.action is Action.INTERN for module in below)
