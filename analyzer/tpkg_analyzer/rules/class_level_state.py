"""TPK304 class-level-state."""

from collections.abc import Iterator

from tpkg_analyzer.model.diagnostic import Diagnostic, Severity
from tpkg_analyzer.rule.changes import Place, changes_to, own_state, peers, related
from tpkg_analyzer.rule.context import FileContext
from tpkg_analyzer.rule.packaged import owner
from tpkg_analyzer.rule.registrations import registrations_in
from tpkg_analyzer.rule.rule import Rule
from tpkg_analyzer.rule.state import Change, Holder
from tpkg_runtime.spec.source import Span
from tpkg_runtime.wire.messages import ExperimentKind

# What these change belongs to the making of a class, which every copy of the module repeats.
_MAKERS = ("__init_subclass__", "__set_name__", "__class_getitem__", "__prepare__")


class ClassLevelState(Rule):
    """An attribute of a class is changed after import.

    ## What it does
    Reports a class attribute in an interned module that methods or functions assign or change through `cls`,
    `type(self)` or the class, and a mutable one that methods change through `self`.

    ## Why is this bad?
    Every PackageImporter makes the class again. Counters, caches and instances kept on the class are those of one
    copy: the host and each loaded package have their own.

    ## Example
    ```toml
    [[tool.tpkg-lint.package]]
    name = "classifier"
    modules = ["classifier"]
    actions = [{ intern = "classifier" }]
    ```
    ```python classifier.py
    class Classifier:
        _instance = None

        @classmethod
        def shared(cls):
            if cls._instance is None:
                cls._instance = cls()
            return cls._instance
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
            self.seen = 0
    ```

    ## How it is confirmed

    The module is imported in the host and twice from the package, and the attribute is assigned in one of them. The
    finding is confirmed if the classes of the others keep their value.
    """

    code = "TPK304"
    name = "class-level-state"
    severity = Severity.WARNING
    since = "0.1"
    runs_inside = True
    confirmed_by = ExperimentKind.OWN_BINDING

    def check_file(self, context: FileContext) -> Iterator[Diagnostic]:
        """Report each attribute once, where the class binds it, or where it is first assigned."""
        if not context.is_packaged:
            return
        state = own_state(context)
        if not state.classes:
            return
        holders = {holder.name: holder for holder in state.holders}
        changes = changes_to(context, frozenset(name for name in state.classes if "." not in name))
        told = registrations_in(context) if changes else {}  # by TPK303
        for name, found in changes.items():
            places = [place for place, change in found if _is_state(context, holders.get(name), name, change)]
            if not places or name in told:
                continue
            yield context.finding(
                self,
                _span(context, holders.get(name), name, places),
                f"class attribute `{name}` is changed after import: the host and {owner(context)} each have their own",
                symbol=name,
                help="keep the state on an instance that is passed or pickled, or leave the module extern",
                related=related(places, f"`{name}` is changed here"),
            )


def _is_state(context: FileContext, holder: Holder | None, name: str, change: Change) -> bool:
    state = own_state(context)
    cls, _, attribute = name.rpartition(".")
    is_special = attribute.startswith("__") and attribute.endswith("__")
    if cls not in state.classes or is_special or change.function.endswith(_MAKERS):
        return False
    if change.through_instance:
        is_table = holder is not None and holder.is_container and name not in state.instance_attributes
        return is_table and not _may_be_given(context, attribute)
    if change.is_rebinding:
        return True
    return holder is not None and holder.is_container


def _may_be_given(context: FileContext, attribute: str) -> bool:
    """Tell whether code of the package may give an instance a value of its own, from outside of its class."""
    states = (own_state(context), *(peer.state for peer in peers(context, frozenset({attribute}))))
    return any(attribute in state.given_attributes for state in states)


def _span(context: FileContext, holder: Holder | None, name: str, places: list[Place]) -> Span:
    """Return where the class binds an attribute, else where this file assigns it, else its method or the class."""
    if holder is not None:
        return holder.span
    own = next((place.span for place in places if place.path == context.path), None)
    defined = dict(own_state(context).defined)
    return own or defined.get(name) or defined[name.rpartition(".")[0]]
