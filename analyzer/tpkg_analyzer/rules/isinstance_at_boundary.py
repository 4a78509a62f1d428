"""TPK402 isinstance-at-boundary."""

from collections.abc import Iterator
from dataclasses import dataclass

import libcst as cst

from tpkg_analyzer.model.diagnostic import Diagnostic, Related, Severity
from tpkg_analyzer.model.package import RootKind
from tpkg_analyzer.rule.classes import Definition, ancestry, has_custom_check
from tpkg_analyzer.rule.context import Project, action_in
from tpkg_analyzer.rule.excerpts import excerpt
from tpkg_analyzer.rule.handed_in import is_only_handed_on, receiver
from tpkg_analyzer.rule.module import AnalyzedModule
from tpkg_analyzer.rule.rule import Rule
from tpkg_analyzer.rule.saved import root_classes
from tpkg_analyzer.rule.scopes import Scope
from tpkg_analyzer.rule.type_checks import Check, checks_in
from tpkg_analyzer.scan.closure import Closure
from tpkg_runtime.spec.actions import Action
from tpkg_runtime.wire.messages import ExperimentKind

_CHECKING = frozenset({"isinstance", "issubclass", "type", "__class__", "match"})
_ENTRANCES = frozenset({"__init__", "__call__", "__new__"})


class IsinstanceAtBoundary(Rule):
    """What callers outside a package hand in is checked against a class that the package interns.

    ## What it does
    Reports `isinstance` and `issubclass` on a parameter of a function that callers outside the package reach, or on an
    element of one in a loop, with a class that the package interns; likewise comparisons of its type, class patterns,
    lookups of its type in a dict, and comparisons of the parameter with members of an enum.

    Reachable are the public functions and methods of the modules that are saved, and those of the classes of the
    objects that are saved, inherited ones too; not what is only handed on, as in `self.apply(self.init_weights)`.

    ## Why is this bad?
    The caller has the host's copy of the class, the package its own. An object that the caller makes by importing the
    project is refused, or silently treated as something else, although it looks right.

    ## Example
    ```toml
    [[tool.tpkg-lint.package]]
    name = "classifier"
    modules = ["classifier"]
    actions = [{ intern = "classifier" }]
    ```
    ```python classifier.py
    class Batch:
        pass


    def predict(batch):
        if not isinstance(batch, Batch):
            raise TypeError(batch)
    ```

    ## Use instead
    ```toml
    [[tool.tpkg-lint.package]]
    name = "classifier"
    modules = ["classifier"]
    actions = [{ intern = "classifier" }]
    ```
    ```python classifier.py
    class Batch:
        texts = ()


    def predict(batch):
        if not hasattr(batch, "texts"):
            raise TypeError(batch)
    ```

    ## Fix safety
    Unsafe. The fix asks for the name of the class, which both copies have: so has any other class of that name, and a
    class that decides itself what its objects are is no longer asked.

    ## How it is confirmed
    The class is imported in the host and from the package. The finding is confirmed if they are different classes and
    neither is a subclass of the other.
    """

    code = "TPK402"
    name = "isinstance-at-boundary"
    severity = Severity.WARNING
    since = "0.1"
    confirmed_by = ExperimentKind.OWN_CLASS

    def check_closure(self, closure: Closure, project: Project) -> Iterator[Diagnostic]:
        """Report each check of a parameter that comes from outside, in the modules that callers outside reach."""
        saved = [item for found in root_classes(closure.package, project) for item in ancestry(project, found)[0]]
        roots = {root.module for root in closure.package.roots if root.kind is RootKind.MODULE}
        names = dict.fromkeys([*sorted(roots), *(found.module.name for found in saved)])
        words = _CHECKING | _enum_names(project) if names else frozenset()
        for name in names:
            if not project.is_first_party(name) or not words & project.words(name):
                continue
            module = project.module(name)
            if module is not None and action_in(closure, name) is Action.INTERN:
                exposed = _Exposed(name in roots, {found.node for found in saved})
                yield from self._in_module(closure, project, module, exposed)

    def _in_module(
        self, closure: Closure, project: Project, module: AnalyzedModule, exposed: "_Exposed"
    ) -> Iterator[Diagnostic]:
        for check in checks_in(project, module):
            function = receiver(module, check.value, check.scope)
            if function is None or not exposed.has(function) or is_only_handed_on(module, function):
                continue
            own = [found for found in check.classes if _is_own(closure, project, found)]
            if own:
                yield self._finding(closure, module, check, own)

    def _finding(self, closure: Closure, module: AnalyzedModule, check: Check, own: list[Definition]) -> Diagnostic:
        listed = " or ".join(f"`{found.name}`" for found in own)
        return Diagnostic(
            code=self.code,
            name=self.name,
            message=f"`{excerpt(module, check.node)}` {check.outcome} what a caller outside package "
            f"`{closure.package.name}` makes of the host's {listed}",
            severity=self.severity,
            path=module.path,
            span=module.span(check.node),
            symbol=own[0].name,
            module=module.name,
            package=closure.package.name,
            help="ask for what the object can do, or for a name or a marker that both copies of the class have",
            related=tuple(
                Related(found.module.path, found.module.span(found.node.name), "the class is defined here")
                for found in own
            ),
            fix=check.fix,
        )


def _enum_names(project: Project) -> frozenset[str]:
    """Return the names of the classes in the interned modules that may define enums."""
    homes = project.mentioning(["Enum", "Flag", "IntEnum", "StrEnum", "IntFlag"])
    states = [state for home in homes if (state := project.state(home)) is not None]
    return frozenset(name.rpartition(".")[2] for state in states for name in state.classes)


@dataclass(frozen=True)
class _Exposed:
    """What callers outside reach of a module: all that is public, or the methods of some classes."""

    is_root: bool
    classes: set[cst.CSTNode]

    def has(self, function: Scope) -> bool:
        cls, _, name = function.qualname.rpartition(".")
        around = function.parent
        if "." in cls or around is None or (name.startswith("_") and name not in _ENTRANCES):
            return False
        if cls and not isinstance(around.node, cst.ClassDef):
            return False
        if self.is_root and not cls.startswith("_"):
            return True
        # The host did not construct what it loads.
        return bool(cls) and around.node in self.classes and name not in ("__init__", "__new__")


def _is_own(closure: Closure, project: Project, found: Definition) -> bool:
    """Tell whether the package has a class for itself that a caller could know and that decides nothing itself."""
    if action_in(closure, found.module.name) is not Action.INTERN or found.node.name.value.startswith("_"):
        return False
    # What is raised in the package is caught there; nobody outside makes exceptions and hands them in.
    is_exception = any(name.endswith(("Exception", "Error", "Warning")) for name in ancestry(project, found)[1])
    return not is_exception and not has_custom_check(project, found)
