"""TPK110 unused-import."""

import re
from collections import Counter
from collections.abc import Iterator

import libcst as cst

from tpkg_analyzer.model.diagnostic import Diagnostic, Severity
from tpkg_analyzer.rule.context import FileContext
from tpkg_analyzer.rule.module import AnalyzedModule
from tpkg_analyzer.rule.reach import brought_by
from tpkg_analyzer.rule.removal import without_alias
from tpkg_analyzer.rule.rule import Rule
from tpkg_analyzer.rule.scopes import Binding, BindingKind, ScopeKind
from tpkg_analyzer.scan.closure import Closure
from tpkg_runtime.spec.imports import EdgeKind, Import, absolute_name, package_of
from tpkg_runtime.spec.source import Span

_COMMENT = re.compile(r"#[^\n]*")
_WORD = re.compile(r"[^\W\d]\w*")
_KINDS = frozenset({EdgeKind.STATIC, EdgeKind.FUNCTION})


class UnusedImport(Rule):
    """An import that nothing uses brings modules into the package.

    ## What it does
    Reports an import in an interned module whose name nothing in the module uses and no other module of the package
    takes from it, where modules are in the package because of it alone. Silent in `__init__.py` and in the body of a
    class, whose attribute it is, for names in `__all__` or imported as themselves, in guards for ImportError, with
    `# noqa`, where a file that loads packages has an attribute of the name, and where importing the module has an
    effect of its own.

    ## Why is this bad?
    The exporter takes every module that an import statement names, with all that these import in turn: a larger
    package, more that can fail, and nothing gained.

    ## Example
    ```toml
    [[tool.tpkg-lint.package]]
    name = "classifier"
    modules = ["classifier"]
    actions = [{ intern = "**" }]
    ```
    ```python classifier.py
    import plots


    def predict(text):
        return len(text)
    ```
    ```python plots.py
    def show():
        return None
    ```

    ## Use instead
    ```toml
    [[tool.tpkg-lint.package]]
    name = "classifier"
    modules = ["classifier"]
    actions = [{ intern = "**" }]
    ```
    ```python classifier.py
    def predict(text):
        return len(text)
    ```
    ```python plots.py
    def show():
        return None
    ```

    ## Fix safety
    Safe. The fix removes the import; it is offered only where nothing uses the name and importing the module does
    nothing but define things.

    ## How it is confirmed
    It is not: the package works, it is only larger.
    """

    code = "TPK110"
    name = "unused-import"
    severity = Severity.WARNING
    since = "0.1"

    def check_file(self, context: FileContext) -> Iterator[Diagnostic]:
        """Report each unused import; a file in which every imported name occurs twice is not parsed."""
        if context.is_package or not context.closures:
            return
        suspects = [item for item in context.facts.imports if item.kind in _KINDS and not item.is_star]
        counts = Counter(_WORD.findall(_COMMENT.sub("", context.source))) if suspects else Counter()
        lines = context.source.splitlines()
        for item in suspects:
            bound = _bound_name(lines, item)
            if bound is None or counts[bound] > 2 or "noqa" in lines[item.span.line - 1]:
                continue
            yield from self._look(context, item, bound)

    def _look(self, context: FileContext, item: Import, bound: str) -> Iterator[Diagnostic]:
        binding = _binding(context, item, bound)
        if binding is None or (item.kind is EdgeKind.STATIC and _is_looked_up(context, bound)):
            return
        try:
            base = absolute_name(item.module, package_of(context.name, context.is_package), item.level)
        except ValueError:
            return
        for closure in context.closures:
            if closure.package.is_open:  # what is not known of it may need the same
                continue
            target = f"{base}.{item.name}" if f"{base}.{item.name}" in closure.modules else base
            if (context.name, target) not in closure.references or _is_taken(context, closure, bound):
                continue
            if _others(context, closure, target, item.span) or _has_effect(context, target):
                continue
            brought = brought_by(closure, context.name, target)
            if not brought:
                continue
            count = f"{len(brought)} modules" if len(brought) > 1 else f"module `{brought[0]}`"
            module = context.project.module(context.name)
            yield context.finding(
                self,
                item.span,
                f"`{bound}` is imported and not used: it brings {count} into package `{closure.package.name}`",
                symbol=target,
                help="remove the import",
                fix=without_alias(module, binding.node) if module else None,
                package=closure.package.name,
            )
            return


def _bound_name(lines: list[str], item: Import) -> str | None:
    """Return the name that an import binds, as its text says; None for one that is meant to be taken from here."""
    if item.span.line != item.span.end_line:
        return None
    text = lines[item.span.line - 1][item.span.column - 1 : item.span.end_column - 1]
    asked, _, alias = text.partition(" as ")
    if alias:
        return None if alias.strip() == asked.strip() else alias.strip()
    return asked.strip().partition(".")[0]


def _binding(context: FileContext, item: Import, bound: str) -> Binding | None:
    """Return what the import binds where nothing uses it, by the tree; text in strings may be a use."""
    module = context.project.module(context.name)
    if module is None:
        return None
    for node, scope in module.sites(cst.ImportAlias):
        found = scope.lookup(bound)
        own = [binding for binding in found[1] if binding.node is node] if found else []
        if found is None or not own or module.span(node).line != item.span.line:
            continue
        if len(found[1]) != 1 or own[0].kind is not BindingKind.IMPORT or found[0].kind is ScopeKind.CLASS:
            return None
        inside = set(_below(node))
        uses = [name for name, _ in module.sites(cst.Name) if name.value == bound and name not in inside]
        if uses or _is_in_text(module, bound):
            return None
        return own[0]
    return None


def _is_in_text(module: AnalyzedModule, word: str) -> bool:
    asked = re.compile(rf"\b{re.escape(word)}\b")
    return any(asked.search(text.value) for text, _ in module.sites(cst.SimpleString))


def _is_looked_up(context: FileContext, bound: str) -> bool:
    """Tell whether a file that loads packages may take the name from the module that it gets."""
    for name in context.project.loading - {context.name}:
        if context.project.facts(name) is not None and bound not in context.project.words(name):
            continue
        module = context.project.module(name)
        if module is None or _is_in_text(module, bound):
            return True
        if any(node.attr.value == bound for node, _ in module.sites(cst.Attribute)):
            return True
    return False


def _below(node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    yield node
    for child in node.children:
        yield from _below(child)


def _is_taken(context: FileContext, closure: Closure, bound: str) -> bool:
    """Tell whether another module of the package takes the name from this one."""
    for name, node in closure.modules.items():
        if context.name not in node.depends_on or (facts := context.project.facts(name)) is None:
            continue
        last = context.name.rpartition(".")[2]
        for item in facts.imports:
            is_this = item.module.rpartition(".")[2] == last or item.name == last
            if is_this and (item.is_star or item.name in {bound, None, last}):
                return True
    return False


def _others(context: FileContext, closure: Closure, target: str, span: Span) -> bool:
    """Tell whether this module asks for the target by another import as well."""
    base = package_of(context.name, context.is_package)
    for item in context.facts.imports:
        if item.span == span:
            continue
        try:
            module = absolute_name(item.module, base, item.level)
        except ValueError:
            continue
        if target in {module, f"{module}.{item.name}"} and not (
            module == target and f"{module}.{item.name}" in closure.modules
        ):
            return True
    return False


def _has_effect(context: FileContext, target: str) -> bool:
    """Tell whether importing the target does more than to define things: it may be imported for that."""
    state = context.project.state(target)
    if state is None:
        return True
    changes = any(not item.function and not item.target.startswith(f"{target}.") for item in state.changes)
    return changes or any(item.decorated and "regist" in item.function.lower() for item in state.import_calls)
