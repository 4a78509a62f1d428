"""TPK113 oversized-dependency."""

from collections.abc import Iterator

from tpkg_analyzer.model.diagnostic import Diagnostic, Severity
from tpkg_analyzer.rule.chains import demand_for
from tpkg_analyzer.rule.context import Project
from tpkg_analyzer.rule.reach import brought_by, dominated
from tpkg_analyzer.rule.rule import Rule
from tpkg_analyzer.scan.closure import Closure

_MANY = 50


class OversizedDependency(Rule):
    """An import for a single name brings many modules into the package.

    ## What it does
    Reports an import of one name, of a module of another top package, that alone brings 50 or more interned modules:
    without it none of them would be in the package.

    ## Why is this bad?
    The exporter takes whole modules, with all that they import. A helper in a large library, or in a module that
    imports everything, costs more than a copy of it.

    ## Example
    ```toml
    [[tool.tpkg-lint.package]]
    name = "classifier"
    modules = ["classifier"]
    actions = [{ extern = "libcst.native" }, { intern = ["classifier", "libcst.**"] }, { extern = "**" }]
    ```
    ```python classifier.py
    from libcst.codemod import CodemodContext


    def predict(text):
        return CodemodContext(filename=text)
    ```

    ## Use instead
    ```toml
    [[tool.tpkg-lint.package]]
    name = "classifier"
    modules = ["classifier"]
    actions = [{ extern = "libcst.**" }, { intern = "classifier" }]
    ```
    ```python classifier.py
    from libcst.codemod import CodemodContext


    def predict(text):
        return CodemodContext(filename=text)
    ```

    ## How it is confirmed
    It is not: the package works, it is only large.
    """

    code = "TPK113"
    name = "oversized-dependency"
    severity = Severity.HINT
    since = "0.1"

    def check_closure(self, closure: Closure, project: Project) -> Iterator[Diagnostic]:
        """Report each such import that brings as many even without what other findings explain."""
        if len(closure.modules) <= _MANY or closure.package.is_open:  # what is not known of it may need the same
            return
        counts = dominated(closure)
        candidates: list[tuple[str, list[str]]] = []
        for (importer, target), reference in closure.references.items():
            if counts.get(target, 0) < _MANY or importer.partition(".")[0] == target.partition(".")[0]:
                continue
            brought = brought_by(closure, importer, target) if _is_single(project, importer, reference.module) else []
            if len(brought) >= _MANY:
                candidates.append((target, brought))
        explained: set[str] = set()
        for target, brought in sorted(candidates, key=lambda item: len(item[1])):
            if len(set(brought) - explained) < _MANY:
                continue
            explained.update(brought)
            if (demand := demand_for(closure, target)) is None:
                continue
            top = target.partition(".")[0]
            yield demand.finding(
                self,
                f"this import of one name brings {len(brought)} modules into package `{closure.package.name}` that "
                "nothing else needs",
                help=f'extern "{top}.**", or copy what is needed',
            )


def _is_single(project: Project, importer: str, module: str) -> bool:
    """Tell whether all of an importer's imports from a module are for one name."""
    facts = project.facts(importer)
    if facts is None:
        return False
    found = [item for item in facts.imports if item.module == module and not item.level]
    return len({item.name for item in found}) == 1 and not any(item.is_star for item in found)
