"""TPK109 dropped-parent-init."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

import libcst as cst

from tpkg_analyzer.model.diagnostic import Diagnostic, Related, Severity
from tpkg_analyzer.rule.atimport import runs_when_imported
from tpkg_analyzer.rule.chains import demand_for
from tpkg_analyzer.rule.context import Project
from tpkg_analyzer.rule.declarations import add_module
from tpkg_analyzer.rule.module import AnalyzedModule
from tpkg_analyzer.rule.reach import is_interned
from tpkg_analyzer.rule.registrations import tables_of
from tpkg_analyzer.rule.rule import Rule
from tpkg_analyzer.rule.state import ModuleState
from tpkg_analyzer.scan.closure import Closure
from tpkg_runtime.spec.imports import EdgeKind, absolute_name
from tpkg_runtime.spec.source import Span
from tpkg_runtime.wire.messages import ExperimentKind

_HARMLESS = ("warnings.", "builtins.print", "logging.", "typing.", "torch._C._log_api_usage_once")


class DroppedParentInit(Rule):
    """A module is in the package, and the `__init__` of the package above it is not.

    ## What it does
    Reports an interned module `a.b` where `a` is not recorded although its `__init__` does something that is missed:
    it registers or changes what other modules hold, calls something for its effect, imports a module that registers
    itself, or defines what the importing code asks for as an attribute of `a`.

    ## Why is this bad?
    Python runs `a/__init__.py` before `a.b`. The exporter records `a.b` alone for `import a.b`, `from a import b` and
    a pickled object of `a.b`, and the importer makes an empty `a`: its helpers raise AttributeError, and what it
    registers is not there, without any error.

    ## Example
    ```toml
    [[tool.tpkg-lint.package]]
    name = "classifier"
    modules = ["classifier"]
    actions = [{ intern = "**" }]
    ```
    ```python classifier.py
    import heads.linear


    def build():
        return heads.linear.Linear(heads.size())
    ```
    ```python heads/__init__.py
    def size():
        return 2
    ```
    ```python heads/linear.py
    class Linear:
        def __init__(self, size):
            self.size = size
    ```

    ## Use instead
    ```toml
    [[tool.tpkg-lint.package]]
    name = "classifier"
    modules = ["classifier"]
    actions = [{ intern = "**" }]
    ```
    ```python classifier.py
    from heads import size
    from heads.linear import Linear


    def build():
        return Linear(size())
    ```
    ```python heads/__init__.py
    def size():
        return 2
    ```
    ```python heads/linear.py
    class Linear:
        def __init__(self, size):
            self.size = size
    ```

    ## Fix safety
    Safe. The fix saves the parent as a module of its own, which is what Python would run.

    ## How it is confirmed
    The parent is imported from the package and by the host. The finding is confirmed if a name that its `__init__`
    binds is there in the host's only.
    """

    code = "TPK109"
    name = "dropped-parent-init"
    severity = Severity.WARNING
    since = "0.1"
    confirmed_by = ExperimentKind.NAME_MISSING

    def check_closure(self, closure: Closure, project: Project) -> Iterator[Diagnostic]:
        """Report each parent once, at the import that first asks for a module below it."""
        if project.runtime == "tpkg" or closure.package.is_open:  # what is not known of it may bring the parent
            return
        seen: set[str] = set()
        importers = _importers_below(closure)
        for child in closure.modules:
            if not is_interned(closure, child):
                continue
            for parent in _ancestors(child):
                if parent in seen or parent in closure.modules:
                    continue
                seen.add(parent)
                yield from self._parent(closure, project, parent, child, importers.get(parent, {}))

    def _parent(
        self, closure: Closure, project: Project, parent: str, child: str, importers: Iterable[str]
    ) -> Iterator[Diagnostic]:
        module, state = project.module(parent), project.state(parent)
        if module is None or state is None:
            return
        missed = _helper(closure, project, importers, state) or _effect(module, state, closure, project)
        if missed is None or (demand := demand_for(closure, child)) is None:
            return
        what, place = missed
        found = demand.finding(
            self,
            f"`{child}` comes into package `{closure.package.name}` without `{parent}/__init__.py`: {what}",
            symbol=min(state.names, default="__all__"),
            help=f'save "{parent}" as well, or import something from `{parent}` itself',
            related=(place,),
            fix=add_module(closure.package, parent),
        )
        yield replace(found, module=parent)


def _ancestors(module: str) -> Iterator[str]:
    while module := module.rpartition(".")[0]:
        yield module


def _importers_below(closure: Closure) -> dict[str, dict[str, None]]:
    """Return for each module that is not in the closure the interned ones, in order, that import what is below it."""
    importers: dict[str, dict[str, None]] = {}
    for name, node in closure.modules.items():
        for target in node.depends_on if is_interned(closure, name) else ():
            for parent in _ancestors(target):
                if parent not in closure.modules:
                    importers.setdefault(parent, {})[name] = None
    return importers


def _helper(
    closure: Closure, project: Project, importers: Iterable[str], state: ModuleState
) -> tuple[str, Related] | None:
    """Return an attribute of the parent, whose state this is, that code of the package asks for."""
    parent = state.module
    for name in importers if state.names else ():
        facts = project.facts(name)
        # Most of them are cleared without a parse: by what they import, and by the words in them.
        binds_parent = (
            facts is not None
            and not state.names.isdisjoint(project.words(name))
            and any(
                item.name is None and not item.level and item.module.startswith(f"{parent}.") for item in facts.imports
            )
        )
        module = project.module(name) if binds_parent else None
        for attribute, scope in module.sites(cst.Attribute) if module else ():
            asked = f"{parent}.{attribute.attr.value}"
            is_there = asked in closure.modules or attribute.attr.value not in state.names
            if module is not None and not is_there and module.qualified(attribute, scope) == asked:
                place = Related(module.path, module.span(attribute), f"`{asked}` is asked for here")
                return f"`{asked}` is missing there", place
    return None


def _effect(
    module: AnalyzedModule, state: ModuleState, closure: Closure, project: Project
) -> tuple[str, Related] | None:
    """Return something that running the `__init__` does beyond binding its own names."""
    for change in state.changes:
        if not change.function and not change.owner and not change.target.startswith(f"{state.module}."):
            place = Related(module.path, change.span, f"`{change.target}` is changed here")
            return f"its change of `{change.target}` does not happen there", place
    for call in state.import_calls:
        if any(
            home.module != state.module
            for home, _ in tables_of(project.state, call.function, decorates=bool(call.decorated))
        ):
            return f"what it registers by `{call.function}` is missing there", _here(module, call.span)
    for node, scope in module.sites(cst.Expr):
        if not isinstance(node.value, cst.Call) or not runs_when_imported(module, node, scope):
            continue
        function = module.qualified(node.value.func, scope)
        if function is None or function.startswith(_HARMLESS) or _is_method_of_own(function, state):
            continue
        return f"its call of `{function}` does not happen there", _here(module, module.span(node))
    return _imported_effect(module, state, closure, project)


def _is_method_of_own(function: str, state: ModuleState) -> bool:
    """Tell whether a call is one of a method of an object that the `__init__` itself binds, such as its logger."""
    own, _, method = function.removeprefix(f"{state.module}.").partition(".")
    return function.startswith(f"{state.module}.") and own in state.names and bool(method)


def _imported_effect(
    module: AnalyzedModule, state: ModuleState, closure: Closure, project: Project
) -> tuple[str, Related] | None:
    """Return a module that only the `__init__` imports and that registers itself somewhere in the package."""
    facts = project.facts(state.module)
    for item in facts.imports if facts else ():
        if item.kind is not EdgeKind.STATIC:
            continue
        base = absolute_name(item.module, state.module, item.level) if item.level <= 1 else ""
        target = f"{base}.{item.name}"
        target = target if item.name and project.facts(target) is not None else base
        if target in closure.modules or not target.startswith(f"{state.module}."):
            continue
        inner = project.state(target)
        for call in inner.import_calls if inner else ():
            for home, table in tables_of(project.state, call.function, decorates=bool(call.decorated)):
                if home.module in closure.modules and home.module != target:
                    what = f"it imports `{target}`, whose entries in `{home.module}.{table}` are missing there"
                    return what, _here(module, item.span)
    return None


def _here(module: AnalyzedModule, span: Span) -> Related:
    return Related(module.path, span, "it does so here")
