"""TPK303 import-time-registry."""

from collections.abc import Iterator

from tpkg_analyzer.model.diagnostic import Diagnostic, Severity
from tpkg_analyzer.rule.changes import is_interned_with, own_state, related
from tpkg_analyzer.rule.context import FileContext
from tpkg_analyzer.rule.packaged import is_left_to_host, owner
from tpkg_analyzer.rule.registrations import registrations_in, tables_of
from tpkg_analyzer.rule.rule import Rule
from tpkg_analyzer.rule.state import ImportCall, ModuleState
from tpkg_runtime.wire.messages import Experiment, ExperimentKind


class ImportTimeRegistry(Rule):
    """A table is filled while modules are imported.

    ## What it does
    Reports a table of an interned module, at the top level or of a class, in which a decorator, a call at the top
    level or `__init_subclass__` puts what it is given while modules are imported. Where the table lives in a module
    that stays outside of the package, the registration of the interned module is reported instead.

    ## Why is this bad?
    The package has a table of its own, filled only by those modules that the package holds and imports: what others
    register in the host is missing there. A table of the host gets the classes of each package that is loaded, on top
    of the host's own.

    ## Example
    ```toml
    [[tool.tpkg-lint.package]]
    name = "classifier"
    modules = ["heads"]
    actions = [{ intern = "heads" }]
    ```
    ```python heads.py
    HEADS = {}


    def register(head):
        HEADS[head.__name__] = head
        return head


    @register
    class Mean:
        pass
    ```

    ## Use instead
    ```toml
    [[tool.tpkg-lint.package]]
    name = "classifier"
    modules = ["heads"]
    actions = [{ intern = "heads" }]
    ```
    ```python heads.py
    class Mean:
        pass


    HEADS = {"Mean": Mean}
    ```

    ## How it is confirmed
    The module is imported in the host and twice from the package. The finding is confirmed if the tables are different
    objects; the evidence tells how much each holds. Of a table of the host it is confirmed if importing the module from
    the package leaves something of the package in it.
    """

    code = "TPK303"
    name = "import-time-registry"
    severity = Severity.WARNING
    since = "0.1"
    runs_inside = True
    confirmed_by = ExperimentKind.OWN_STATE

    def experiment(self, finding: Diagnostic, code: str) -> Experiment | str | None:
        """Compare tables of the package; look what it leaves in those of the host."""
        if ":" in finding.symbol:
            return Experiment(0, ExperimentKind.FILLS_TABLE, finding.module, finding.symbol.partition(":")[2])
        return super().experiment(finding, code)

    def check_file(self, context: FileContext) -> Iterator[Diagnostic]:
        """Report the tables of this module once each, and what it registers in tables of the host."""
        if not context.is_packaged:
            return
        state = own_state(context)
        spans = {holder.name: holder.span for holder in state.holders}
        for name, places in registrations_in(context).items():
            modules = {place.module for place in places} - {context.name}
            others = f" by {len(modules)} other module{'s' * (len(modules) > 1)}" if modules else ""
            yield context.finding(
                self,
                spans[name],
                f"`{name}` is filled at import{others}: {owner(context)} has its own, "
                "without what is registered in the host only",
                symbol=name,
                help="write the table as a constant whose imports bring all that belongs in it",
                related=related(places, f"this registers in `{name}` when the module is imported"),
            )
        for call, table in _in_tables_of_the_host(context, state):
            yield context.finding(
                self,
                call.span,
                f"each load of {owner(context)} registers its own copy in the host's `{table}`",
                symbol=f"{call.decorated}:{table}",
                help="intern the module of the table as well, or register outside of the package",
            )


def _in_tables_of_the_host(context: FileContext, state: ModuleState) -> Iterator[tuple[ImportCall, str]]:
    """Yield the registrations of this module in tables of modules that are known to stay outside."""
    if not context.closures:
        return
    for call in state.import_calls:
        if is_left_to_host(context, call.function) or call.function.startswith(("builtins.", f"{state.module}.")):
            continue
        for home, name in tables_of(context.project.state, call.function, decorates=bool(call.decorated)):
            if not is_interned_with(context, home.module):
                yield call, f"{home.module}.{name}"
