"""TPK112 star-import."""

import builtins
from collections.abc import Iterator

import libcst as cst

from tpkg_analyzer.model.diagnostic import Diagnostic, Edit, Fix, Severity
from tpkg_analyzer.rule.atimport import runs_when_imported
from tpkg_analyzer.rule.context import FileContext
from tpkg_analyzer.rule.module import AnalyzedModule
from tpkg_analyzer.rule.packaged import owner
from tpkg_analyzer.rule.rule import Rule
from tpkg_analyzer.rule.scopes import BindingKind
from tpkg_runtime.spec.imports import EdgeKind, absolute_name, package_of


class StarImport(Rule):
    """A packaged module imports everything from another.

    ## What it does
    Reports `from x import *` in an interned module, unless `x` lists in `__all__` what it gives away and binds all of
    it: then nothing is hidden.

    ## Why is this bad?
    It hides which names the package needs. The exporter records `x` alone: modules that `x` would have Python import
    by their names in `__all__` are not in the package, of a mocked `x` nothing can be imported this way, and an extern
    `x` of another version gives other names.

    ## Example
    ```toml
    [[tool.tpkg-lint.package]]
    name = "classifier"
    modules = ["classifier"]
    actions = [{ intern = "**" }]
    ```
    ```python classifier.py
    from heads import *


    def build():
        return linear(2)
    ```
    ```python heads.py
    def linear(size):
        return size


    def bilinear(size):
        return size
    ```

    ## Use instead
    ```toml
    [[tool.tpkg-lint.package]]
    name = "classifier"
    modules = ["classifier"]
    actions = [{ intern = "**" }]
    ```
    ```python classifier.py
    from heads import linear


    def build():
        return linear(2)
    ```
    ```python heads.py
    def linear(size):
        return size


    def bilinear(size):
        return size
    ```

    ## Fix safety
    Unsafe: the fix names what this module uses, or in an `__init__` all that there is; what others take from this
    module by way of it may be gone.

    ## How it is confirmed
    It is not: what is hidden may be right.
    """

    code = "TPK112"
    name = "star-import"
    severity = Severity.WARNING
    since = "0.1"

    def check_file(self, context: FileContext) -> Iterator[Diagnostic]:
        """Report each star that hides something."""
        if not context.is_packaged:
            return
        for item in context.facts.imports:
            if not item.is_star or item.kind not in {EdgeKind.STATIC, EdgeKind.OPTIONAL}:
                continue
            try:
                target = absolute_name(item.module, package_of(context.name, context.is_package), item.level)
            except ValueError:
                continue
            source = context.project.module(target)
            if source is not None and _lists_all(source):
                continue
            yield context.finding(
                self,
                item.span,
                f"`from {'.' * item.level}{item.module} import *` hides which names {owner(context)} needs from "
                f"`{target}`",
                symbol=target,
                help="name what is used",
                fix=_fix(context, item.span.line, source),
            )


def _lists_all(source: AnalyzedModule) -> bool:
    """Tell whether `__all__` is a plain list of names, each of which the module binds."""
    names = _listed(source)
    return names is not None and all(name in source.index.top.bindings for name in names)


def _listed(source: AnalyzedModule) -> list[str] | None:
    bindings = source.index.top.bindings.get("__all__", [])
    if len(bindings) != 1 or bindings[0].kind is not BindingKind.ASSIGNMENT:
        return None
    match bindings[0].value:
        case cst.List(elements=elements) | cst.Tuple(elements=elements):
            values = [item.value.evaluated_value for item in elements if isinstance(item.value, cst.SimpleString)]
            return [str(value) for value in values] if len(values) == len(elements) else None
        case _:
            return None


def _fix(context: FileContext, line: int, source: AnalyzedModule | None) -> Fix | None:
    module = context.project.module(context.name)
    if module is None or source is None or any(True for _ in source.sites(cst.ImportStar)):
        return None
    listed = _listed(source)
    offered = listed or [name for name in source.index.top.bindings if not name.startswith("_")]
    if context.is_package:
        wanted = offered
    else:
        free = {node.value for node, scope in module.sites(cst.Name) if scope.lookup(node.value) is None}
        wanted = [name for name in offered if name in free and not hasattr(builtins, name)]
    for star, scope in module.sites(cst.ImportStar):
        span = module.span(star)
        if span.line == line and wanted and runs_when_imported(module, star, scope):
            text = ", ".join(sorted(wanted))
            return Fix(f"Import {text}", (Edit(context.path, span, text),), is_safe=False)
    return None
