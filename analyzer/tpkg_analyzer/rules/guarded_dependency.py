"""TPK108 guarded-dependency."""

from collections.abc import Iterator
from dataclasses import replace

from tpkg_analyzer.model.diagnostic import Diagnostic, Fix, Severity
from tpkg_analyzer.rule.chains import Demand, chain_above
from tpkg_analyzer.rule.context import Project
from tpkg_analyzer.rule.declarations import add_action_before
from tpkg_analyzer.rule.reach import is_interned, reached
from tpkg_analyzer.rule.rule import Rule
from tpkg_analyzer.scan.closure import Closure
from tpkg_runtime.spec.imports import EdgeKind

_GUARDS = {
    EdgeKind.TYPE_CHECKING: "for type checkers only",
    EdgeKind.OPTIONAL: "in a guard for ImportError only",
    EdgeKind.FUNCTION: "inside of a function only",
}


class GuardedDependency(Rule):
    """Modules are in the package although no import that runs with the others asks for them.

    ## What it does
    Reports an import under TYPE_CHECKING, in a guard for ImportError or in a function, where the interned modules that
    it leads to are reached by no other way, and says how many they are. What one such import brings is counted once.

    ## Why is this bad?
    The exporter follows every import statement, whatever stands around it. What only type checkers read, or only an
    optional feature needs, makes the package larger and the export more likely to fail.

    ## Example
    ```toml
    [[tool.tpkg-lint.package]]
    name = "classifier"
    modules = ["classifier"]
    actions = [{ intern = "**" }]
    ```
    ```python classifier.py
    from __future__ import annotations

    from typing import TYPE_CHECKING

    if TYPE_CHECKING:
        from training import Trainer


    def fit(trainer: Trainer):
        return trainer.run()
    ```
    ```python training.py
    class Trainer:
        def run(self):
            return 1
    ```

    ## Use instead
    ```toml
    [[tool.tpkg-lint.package]]
    name = "classifier"
    modules = ["classifier"]
    actions = [{ mock = "training" }, { intern = "**" }]
    ```
    ```python classifier.py
    from __future__ import annotations

    from typing import TYPE_CHECKING

    if TYPE_CHECKING:
        from training import Trainer


    def fit(trainer: Trainer):
        return trainer.run()
    ```
    ```python training.py
    class Trainer:
        def run(self):
            return 1
    ```

    ## Fix safety
    Unsafe, and offered for imports under `TYPE_CHECKING`. The fix mocks the module, which the package then lacks for
    all other purposes as well.

    ## How it is confirmed
    It is not: whether the modules are needed is for you to say.
    """

    code = "TPK108"
    name = "guarded-dependency"
    severity = Severity.INFO
    since = "0.1"

    def check_closure(self, closure: Closure, project: Project) -> Iterator[Diagnostic]:
        """Report each guarded import that something hangs on."""
        certain = reached(closure, lambda importer, target: _guard(closure, importer, target) is None)
        if len(certain) == len(closure.modules):
            return
        entries: dict[str, tuple[str, EdgeKind]] = {}
        for importer in certain:
            for target in closure.modules[importer].depends_on:
                guard = _guard(closure, importer, target)
                if target not in certain and guard is not None and _is_in(closure, target):
                    known = entries.get(target)
                    if known is None or importer < known[0]:
                        entries[target] = importer, guard
        explained: set[str] = set()
        for target in closure.modules:
            if target not in entries or target in explained:
                continue
            importer, guard = entries[target]
            path, reference = closure.modules[importer].path, closure.references.get((importer, target))
            if path is None or reference is None:
                continue
            behind = _behind(closure, target, certain) - explained
            explained |= behind
            count = sum(is_interned(closure, name) for name in behind)
            more = f" and {count - 1} modules behind it are" if count > 2 else " and a module behind it are"
            what = f"`{target}`{more if count > 1 else ' is'}"
            span = reference.origin.span
            demand = Demand(closure.package.name, target, importer, path, span, chain_above(closure, importer))
            yield demand.finding(
                self,
                f"{what} in package `{closure.package.name}` through imports {_GUARDS[guard]}",
                help=f'if the package does not need it, mock "{target}" before the pattern that interns it',
                fix=_mocking(closure, target) if guard is EdgeKind.TYPE_CHECKING else None,
            )


def _mocking(closure: Closure, target: str) -> Fix | None:
    fix = add_action_before(closure.package, closure.modules[target].pattern, "mock", target)
    return replace(fix, is_safe=False) if fix is not None else None


def _is_in(closure: Closure, name: str) -> bool:
    return is_interned(closure, name) and closure.modules[name].error is None


def _guard(closure: Closure, importer: str, target: str) -> EdgeKind | None:
    reference = closure.references.get((importer, target))
    kind = reference.origin.kind if reference else None
    return kind if kind in _GUARDS else None


def _behind(closure: Closure, target: str, certain: set[str]) -> set[str]:
    """Return `target` and what is reached from it and not by unguarded imports."""
    stack, found = [target], {target}
    while stack:
        for name in closure.modules[stack.pop()].depends_on:
            if name not in found and name not in certain:
                found.add(name)
                stack.append(name)
    return found
