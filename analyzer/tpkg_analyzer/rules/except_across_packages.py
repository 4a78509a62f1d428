"""TPK403 except-across-packages."""

from collections.abc import Iterator
from dataclasses import dataclass

import libcst as cst

from tpkg_analyzer.model.diagnostic import Diagnostic, Severity
from tpkg_analyzer.rule.classes import definition
from tpkg_analyzer.rule.context import FileContext, ModuleContext, Project
from tpkg_analyzer.rule.excerpts import excerpt
from tpkg_analyzer.rule.flow import Flow
from tpkg_analyzer.rule.index import children_of
from tpkg_analyzer.rule.loading import may_hold_packaged
from tpkg_analyzer.rule.module import AnalyzedModule
from tpkg_analyzer.rule.origins import Kind, Origin
from tpkg_analyzer.rule.rule import Rule
from tpkg_analyzer.rule.scopes import Scope
from tpkg_analyzer.rule.sides import loaded_here, members, mismatch
from tpkg_runtime.spec.actions import Action
from tpkg_runtime.wire.messages import ExperimentKind

_BROAD = frozenset({"builtins.Exception", "builtins.BaseException"})


class ExceptAcrossPackages(Rule):
    """An except clause names the host's copy of an exception that a package raises.

    ## What it does
    Reports `except` clauses around calls into a package, and `contextlib.suppress`, where the class is the host's copy
    of one that the package interns and raises, and where nothing else in there could raise the host's.

    ## Why is this bad?
    The package raises its own class of that name. The clause does not match, and the exception goes on.

    ## Example
    ```toml
    [[tool.tpkg-lint.package]]
    name = "classifier"
    modules = ["model"]
    actions = [{ intern = "model" }]
    ```
    ```python model.py
    class EmptyInput(Exception):
        pass


    class Net:
        def predict(self, text):
            raise EmptyInput(text)
    ```
    ```python serve.py
    from torch.package import PackageImporter

    from model import EmptyInput

    net = PackageImporter("net.pt").load_pickle("net", "net.pkl")
    try:
        net.predict("")
    except EmptyInput:
        print("nothing to do")
    ```

    ## Use instead
    ```toml
    [[tool.tpkg-lint.package]]
    name = "classifier"
    modules = ["model"]
    actions = [{ intern = "model" }]
    ```
    ```python model.py
    class EmptyInput(Exception):
        pass


    class Net:
        def predict(self, text):
            raise EmptyInput(text)
    ```
    ```python serve.py
    from torch.package import PackageImporter

    importer = PackageImporter("net.pt")
    net = importer.load_pickle("net", "net.pkl")
    try:
        net.predict("")
    except importer.import_module("model").EmptyInput:
        print("nothing to do")
    ```

    ## How it is confirmed
    The class is imported in the host and from the package. The finding is confirmed if they are different classes and
    neither is a subclass of the other.
    """

    code = "TPK403"
    name = "except-across-packages"
    severity = Severity.ERROR
    since = "0.1"
    confirmed_by = ExperimentKind.OWN_CLASS
    words = frozenset({"except", "suppress"})

    def concerns(self, context: FileContext) -> bool:
        """Look only where an object of a package can be."""
        return super().concerns(context) and may_hold_packaged(context)

    def check_module(self, context: ModuleContext) -> Iterator[Diagnostic]:
        """Report each class of a clause that cannot catch what the package raises."""
        flow = Flow(context.project)
        for guard in _guards(context.module):
            called = _called_package(context, flow, guard) if guard.types else None
            if called is not None:
                yield from self._compare(context, flow, called, guard)

    def _compare(self, context: ModuleContext, flow: Flow, called: Origin, guard: "_Guard") -> Iterator[Diagnostic]:
        module = context.module
        if any(module.qualified(cls, guard.scope) in _BROAD for cls in guard.types):
            return
        for cls in guard.types:
            found = mismatch(context, flow, called, cls, guard.scope)
            if found is None or not _is_raised(context.project, found.class_name):
                continue
            yield context.finding(
                self,
                module.span(cls),
                f"`{guard.clause.format(excerpt(module, cls))}` does not catch what the package raises: package "
                f"`{found.package}` has its own `{found.class_name}`",
                symbol=found.class_name,
                help="catch a class that both share, such as a builtin one, or the class of the same importer",
                related=loaded_here(called),
                package=found.package,
            )


@dataclass(frozen=True, slots=True)
class _Guard:
    """Code whose exceptions are caught, and the classes of those that one clause catches."""

    code: tuple[cst.CSTNode, ...]
    types: tuple[cst.BaseExpression, ...]
    clause: str
    scope: Scope


def _guards(module: AnalyzedModule) -> Iterator[_Guard]:
    """Yield the clauses of try statements, and what `contextlib.suppress` is used for."""
    for attempt, scope in module.sites(cst.Try):
        for handler in attempt.handlers:
            if handler.type is not None:
                yield _Guard((attempt.body,), tuple(members(handler.type)), "except {}", scope)
    for node, scope in module.sites(cst.With):
        for index, item in enumerate(node.items):
            if isinstance(item.item, cst.Call) and module.qualified(item.item.func, scope) == "contextlib.suppress":
                types = tuple(cls for given in item.item.args if not given.star for cls in members(given.value))
                yield _Guard((*node.items[index + 1 :], node.body), types, "suppress({})", scope)


def _called_package(context: ModuleContext, flow: Flow, guard: _Guard) -> Origin | None:
    """Return what is called of a package, None where nothing is or where code of the host may raise as well."""
    module, scope = context.module, guard.scope
    called: Origin | None = None
    for node in (inner for part in guard.code for inner in _below(part)):
        if isinstance(node, cst.Raise):
            return None
        if not isinstance(node, cst.Call):
            continue
        owner = node.func.value if isinstance(node.func, cst.Attribute) else node.func
        origin = flow.origin(module, owner, scope) or flow.origin(module, node.func, scope)
        if origin is not None and origin.is_packaged:
            called = called or Origin(Kind.OBJECT, origin.module, origin.source, origin.importer)
        elif definition(context.project, module.qualified(node.func, scope)) is not None:
            return None
    return called


def _below(node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    yield node
    for child in children_of(node):
        if not isinstance(child, (cst.FunctionDef, cst.Lambda, cst.ClassDef)):
            yield from _below(child)


def _is_raised(project: Project, class_name: str) -> bool:
    """Tell whether some interned module of the project names the class and raises something."""
    last = class_name.rpartition(".")[2]
    return any(
        {last, "raise"} <= project.words(name)
        for closure in project.closures
        for name, module in closure.modules.items()
        if module.action is Action.INTERN and project.is_first_party(name)
    )
