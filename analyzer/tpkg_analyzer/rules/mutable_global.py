"""TPK301 mutable-global."""

from collections.abc import Iterator

from tpkg_analyzer.model.diagnostic import Diagnostic, Severity
from tpkg_analyzer.rule.changes import changes_to, own_state, related
from tpkg_analyzer.rule.context import FileContext
from tpkg_analyzer.rule.packaged import owner
from tpkg_analyzer.rule.registrations import registrations_in
from tpkg_analyzer.rule.rule import Rule
from tpkg_runtime.wire.messages import ExperimentKind


class MutableGlobal(Rule):
    """A module-level object is mutated after import.

    ## What it does
    Reports a list, dict, set or other container at the top level of an interned module that code changes once the
    module is imported: a function of the module, or another module at any time. A container that nothing changes is a
    constant and no finding, and so is one that the top level of its own module builds up.

    ## Why is this bad?
    Every PackageImporter runs the module again. The host and each loaded package have an object of their own: what is
    registered or cached in one is not there in the others.

    ## Example
    ```toml
    [[tool.tpkg-lint.package]]
    name = "classifier"
    modules = ["classifier"]
    actions = [{ intern = "classifier" }]
    ```
    ```python classifier.py
    _SEEN = {}


    def remember(key, value):
        _SEEN[key] = value
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
        def __init__(self):
            self._seen = {}

        def remember(self, key, value):
            self._seen[key] = value
    ```

    ## How it is confirmed
    The module is imported in the host and twice from the package. The finding is confirmed if these are different
    objects; the evidence tells how much each holds.
    """

    code = "TPK301"
    name = "mutable-global"
    severity = Severity.WARNING
    since = "0.1"
    runs_inside = True
    confirmed_by = ExperimentKind.OWN_STATE

    def check_file(self, context: FileContext) -> Iterator[Diagnostic]:
        """Report each container of the top level once, with the places that change it."""
        if not context.is_packaged:
            return
        containers = {
            holder.name: holder
            for holder in own_state(context).holders
            if holder.is_container and holder.bindings == 1 and "." not in holder.name and holder.name != "__all__"
        }
        changes = changes_to(context, frozenset(containers))
        told = registrations_in(context) if changes else {}  # by TPK303
        for name, holder in containers.items():
            places = [place for place, _ in changes.get(name, [])]
            # One that a function replaces as a whole is the matter of TPK302.
            if not places or name in told or any(change.is_rebinding for _, change in changes[name]):
                continue
            yield context.finding(
                self,
                holder.span,
                f"`{name}` is changed after import: the host and {owner(context)} each have their own",
                symbol=name,
                help="keep the state in an object that is passed or pickled, or leave the module extern",
                related=related(places, f"`{name}` is changed here"),
            )
