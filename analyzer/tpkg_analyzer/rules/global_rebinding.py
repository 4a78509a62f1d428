"""TPK302 global-rebinding."""

from collections.abc import Iterator

from tpkg_analyzer.model.diagnostic import Diagnostic, Severity
from tpkg_analyzer.rule.changes import changes_to, own_state, related
from tpkg_analyzer.rule.context import FileContext
from tpkg_analyzer.rule.packaged import owner
from tpkg_analyzer.rule.rule import Rule
from tpkg_analyzer.rule.state import ModuleState
from tpkg_runtime.wire.messages import ExperimentKind


class GlobalRebinding(Rule):
    """A name of the top level gets another value after import.

    ## What it does
    Reports a name of an interned module that a function binds anew by `global`, or that another module of the package
    assigns to as an attribute of the module.

    ## Why is this bad?
    Every PackageImporter runs the module again. The assignment reaches one copy of the module: the host and each
    loaded package go on with values of their own.

    ## Example
    ```toml
    [[tool.tpkg-lint.package]]
    name = "classifier"
    modules = ["classifier"]
    actions = [{ intern = "classifier" }]
    ```
    ```python classifier.py
    _device = "cpu"


    def use_device(name):
        global _device
        _device = name
    ```

    ## Use instead
    ```toml
    [[tool.tpkg-lint.package]]
    name = "classifier"
    modules = ["classifier"]
    actions = [{ intern = "classifier" }]
    ```
    ```python classifier.py
    class Classifier:
        def __init__(self, device="cpu"):
            self.device = device
    ```

    ## How it is confirmed

    The module is imported in the host and twice from the package, and the name is bound anew in one of them. The
    finding is confirmed if the others keep their value.
    """

    code = "TPK302"
    name = "global-rebinding"
    severity = Severity.WARNING
    since = "0.1"
    runs_inside = True
    confirmed_by = ExperimentKind.OWN_BINDING

    def check_file(self, context: FileContext) -> Iterator[Diagnostic]:
        """Report each name once, where the top level binds it, or where a function does if the top level does not."""
        if not context.is_packaged:
            return
        state = own_state(context)
        spans = {holder.name: holder.span for holder in state.holders}
        names = frozenset(name for name in (*spans, *_declared(state)) if "." not in name and name[:2] != "__")
        for name, changes in changes_to(context, names).items():
            places = [place for place, change in changes if change.is_rebinding]
            if not places or "." in name:
                continue
            yield context.finding(
                self,
                # A name that the top level does not bind has its first value from a function.
                spans.get(name) or changes[0][0].span,
                f"`{name}` is bound anew after import: the host and {owner(context)} each have their own value",
                symbol=name,
                help="keep the value in an object that is passed or pickled, or leave the module extern",
                related=related(places, f"`{name}` is bound anew here"),
            )


def _declared(state: ModuleState) -> Iterator[str]:
    """Yield the names of this module that its functions bind by `global`."""
    for change in state.changes:
        if change.is_rebinding and change.target.startswith(f"{state.module}."):
            yield change.target[len(state.module) + 1 :]
