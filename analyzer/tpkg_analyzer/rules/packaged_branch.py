"""TPK604 packaged-branch."""

from collections.abc import Iterator

import libcst as cst

from tpkg_analyzer.model.diagnostic import Diagnostic, Severity
from tpkg_analyzer.rule.context import ModuleContext
from tpkg_analyzer.rule.module import AnalyzedModule
from tpkg_analyzer.rule.packaged import owner
from tpkg_analyzer.rule.rule import Rule

_MARK = "__torch_package__"
_QUESTIONS = frozenset({"torch.package.is_from_package", "torch.package.analyze.is_from_package"})
_QUESTIONS |= {"torch.package.analyze.is_from_package.is_from_package"}


class PackagedBranch(Rule):
    """Packaged code does something else when it is in a package.

    ## What it does
    Reports, in an interned module, `__torch_package__`, imports of `torch_package_importer` and calls of
    `torch.package.is_from_package`.

    ## Why is this bad?
    What runs in production is then not what the tests of the unpackaged code ran: the branch for the package is tried
    only where the package is loaded.

    ## Example
    ```toml
    [[tool.tpkg-lint.package]]
    name = "classifier"
    modules = ["classifier"]
    actions = [{ intern = "classifier" }]
    ```
    ```python classifier.py
    def words():
        if "__torch_package__" in globals():
            return []
        return ["a"]
    ```

    ## Use instead
    ```toml
    [[tool.tpkg-lint.package]]
    name = "classifier"
    modules = ["classifier"]
    actions = [{ intern = "classifier" }]
    ```
    ```python classifier.py
    def words():
        return ["a"]
    ```

    ## How it is confirmed
    It is not: that code behaves differently is what it says itself.
    """

    code = "TPK604"
    name = "packaged-branch"
    severity = Severity.WARNING
    since = "0.1"
    words = frozenset({_MARK, "torch_package_importer", "is_from_package"})

    def check_module(self, context: ModuleContext) -> Iterator[Diagnostic]:
        """Report each question."""
        if not context.is_packaged:
            return
        for node, asked in sorted(_questions(context.module), key=lambda found: context.module.span(found[0])):
            yield context.finding(
                self,
                context.module.span(node),
                f"`{asked}`: this code behaves differently inside {owner(context)}, where no test of the host runs it",
                symbol=asked,
                help="write code that works in both places, or test the package itself",
            )


def _questions(module: AnalyzedModule) -> Iterator[tuple[cst.CSTNode, str]]:
    for name, scope in module.sites(cst.Name):
        if name.value == _MARK and scope.lookup(_MARK) is None and not _is_argument_name(module, name):
            yield name, _MARK
    for text, _ in module.sites(cst.SimpleString):
        around = module.parent(text)
        if text.evaluated_value == _MARK and isinstance(around, (cst.Comparison, cst.Arg, cst.Index)):
            yield text, _MARK
    for alias, _ in module.sites(cst.ImportAlias):
        if isinstance(alias.name, cst.Name) and alias.name.value == "torch_package_importer":
            yield alias, "torch_package_importer"
    for call, scope in module.sites(cst.Call):
        if module.qualified(call.func, scope) in _QUESTIONS:
            yield call, "is_from_package"


def _is_argument_name(module: AnalyzedModule, name: cst.Name) -> bool:
    around = module.parent(name)
    return isinstance(around, cst.Arg) and around.keyword is name
