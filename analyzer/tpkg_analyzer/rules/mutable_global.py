"""TPK301 mutable-global."""

from collections.abc import Iterator

import libcst as cst

from tpkg_analyzer.model.diagnostic import Diagnostic, Related, Severity
from tpkg_analyzer.rule.context import ModuleContext
from tpkg_analyzer.rule.module import AnalyzedModule
from tpkg_analyzer.rule.mutations import Mutation, mutations_in, runs_after_import
from tpkg_analyzer.rule.rule import Rule
from tpkg_analyzer.rule.scopes import BindingKind
from tpkg_runtime.wire.messages import ExperimentKind

_CONTAINERS = frozenset(
    {
        "builtins.dict",
        "builtins.list",
        "builtins.set",
        "builtins.bytearray",
        "collections.defaultdict",
        "collections.OrderedDict",
        "collections.Counter",
        "collections.deque",
        "collections.ChainMap",
        "weakref.WeakKeyDictionary",
        "weakref.WeakValueDictionary",
        "weakref.WeakSet",
    }
)
_DISPLAYS = (cst.Dict, cst.List, cst.Set, cst.DictComp, cst.ListComp, cst.SetComp)
_SHOWN = 5


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
    confirmed_by = ExperimentKind.OWN_STATE

    def check_module(self, context: ModuleContext) -> Iterator[Diagnostic]:
        """Report each container of the top level once, with the places that change it."""
        if not context.is_packaged:
            return
        containers = dict(_containers(context.module))
        if not containers:
            return
        changes: dict[str, list[tuple[AnalyzedModule, Mutation]]] = {}
        for module, mutation in _changes(context, set(containers)):
            changes.setdefault(mutation.target.rpartition(".")[2], []).append((module, mutation))
        for name, places in changes.items():
            package = context.package
            owner = f"package `{package.name}`" if package else "each package"
            yield context.finding(
                self,
                context.module.span(containers[name]),
                f"`{name}` is changed after import: the host and {owner} each have their own",
                symbol=name,
                help="keep the state in an object that is passed or pickled, or leave the module extern",
                related=tuple(
                    Related(module.path, module.span(mutation.node), f"`{name}` is changed here")
                    for module, mutation in places[:_SHOWN]
                ),
            )


def _containers(module: AnalyzedModule) -> Iterator[tuple[str, cst.Name]]:
    """Yield the top-level names that are bound to a new container and to nothing else, with the node of the name."""
    for name, bindings in module.index.top.bindings.items():
        first = bindings[0]
        rebound = [item for item in bindings[1:] if not isinstance(item.node, cst.AugAssign)]
        if first.kind is not BindingKind.ASSIGNMENT or rebound or name == "__all__":
            continue
        target = _target_name(first.node)
        if target is not None and first.value is not None and _is_container(module, first.value):
            yield name, target


def _target_name(node: cst.CSTNode) -> cst.Name | None:
    match node:
        case (
            cst.Assign(targets=[cst.AssignTarget(target=cst.Name() as name)]) | cst.AnnAssign(target=cst.Name() as name)
        ):
            return name
        case _:
            return None


def _is_container(module: AnalyzedModule, value: cst.BaseExpression) -> bool:
    if isinstance(value, _DISPLAYS):
        return True
    return isinstance(value, cst.Call) and module.qualified(value.func, module.index.top) in _CONTAINERS


def _changes(context: ModuleContext, names: set[str]) -> Iterator[tuple[AnalyzedModule, Mutation]]:
    own = context.module
    for mutation in mutations_in(own):
        if mutation.target in {f"{own.name}.{name}" for name in names} and runs_after_import(own, mutation):
            yield own, mutation
    for other in _users(context, names):
        for mutation in mutations_in(other):
            module, _, name = mutation.target.rpartition(".")
            if module == own.name and name in names:
                yield other, mutation


def _users(context: ModuleContext, names: set[str]) -> Iterator[AnalyzedModule]:
    """Yield the other first-party modules of the same packages that import this one and use one of the names."""
    seen = {context.name}
    for closure in context.closures:
        for name, module in closure.modules.items():
            if name in seen or context.name not in module.depends_on or not context.project.is_first_party(name):
                continue
            seen.add(name)
            facts = context.project.facts(name)
            if facts is not None and facts.words & names and (parsed := context.project.module(name)) is not None:
                yield parsed
