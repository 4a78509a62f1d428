"""TPK609 removed-module."""

from collections.abc import Iterator

from tpkg_analyzer.model.diagnostic import Diagnostic, Severity
from tpkg_analyzer.rule.context import FileContext
from tpkg_analyzer.rule.packaged import owner
from tpkg_analyzer.rule.removed import REMOVED_IN
from tpkg_analyzer.rule.rule import Rule
from tpkg_runtime.spec.imports import EdgeKind

_GUARDED = (EdgeKind.OPTIONAL, EdgeKind.TYPE_CHECKING)


class RemovedModule(Rule):
    """A packaged module imports what the standard library of the target Python no longer has.

    ## What it does
    Reports imports, in an interned module, of modules that were removed from the standard library and that the Python
    of the project does not have. Imports in a guard for ImportError are no finding.

    ## Why is this bad?
    The import fails wherever the package is loaded. The exporter, which cannot import the module either, leaves the
    dependency out without a word.

    ## Example
    ```toml
    [[tool.tpkg-lint.package]]
    name = "classifier"
    modules = ["classifier"]
    actions = [{ intern = "classifier" }]
    ```
    ```python classifier.py
    def name(token):
        import symbol

        return symbol.sym_name[token]
    ```

    ## Use instead
    ```toml
    [[tool.tpkg-lint.package]]
    name = "classifier"
    modules = ["classifier"]
    actions = [{ intern = "classifier" }]
    ```
    ```python classifier.py
    def name(token):
        import token as names

        return names.tok_name[token]
    ```

    ## How it is confirmed
    It is not: the list of what each Python removed is final.
    """

    code = "TPK609"
    name = "removed-module"
    severity = Severity.WARNING
    since = "0.1"
    runs_inside = True
    words = frozenset(REMOVED_IN)

    def check_file(self, context: FileContext) -> Iterator[Diagnostic]:
        """Report each import of such a module."""
        if not context.is_packaged or not self.concerns(context):
            return
        for item in context.facts.imports:
            top = item.module.partition(".")[0]
            if item.level or top not in REMOVED_IN or top in context.project.stdlib_names or item.kind in _GUARDED:
                continue
            if context.project.facts(top) is None:  # nobody else provides it
                yield context.finding(
                    self,
                    item.span,
                    f"`{top}` is not in the standard library since Python {REMOVED_IN[top]}: "
                    f"the import fails in {owner(context)}",
                    symbol=item.module,
                    help="use what replaces it, or guard the import",
                )
