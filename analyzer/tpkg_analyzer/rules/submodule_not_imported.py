"""TPK111 submodule-not-imported."""

from collections.abc import Iterator

import libcst as cst

from tpkg_analyzer.model.diagnostic import Diagnostic, Edit, Fix, Severity
from tpkg_analyzer.rule.context import FileContext, action_in
from tpkg_analyzer.rule.index import dotted_name
from tpkg_analyzer.rule.module import AnalyzedModule
from tpkg_analyzer.rule.packaged import owner
from tpkg_analyzer.rule.rule import Rule
from tpkg_analyzer.rule.scopes import Binding, BindingKind, Scope
from tpkg_analyzer.scan.closure import Closure
from tpkg_runtime.spec.actions import Action
from tpkg_runtime.spec.imports import absolute_name, package_of
from tpkg_runtime.spec.source import Span
from tpkg_runtime.wire.messages import ExperimentKind


class SubmoduleNotImported(Rule):
    """A submodule is used as an attribute, and nothing in the package imports it.

    ## What it does
    Reports `a.b.c` where the code imports the interned package `a`, `a.b` is a module, and no import statement of the
    whole package asks for `a.b`.

    ## Why is this bad?
    In an ordinary process it works when anything else has imported `a.b` before. The exporter records what import
    statements name, so that the package has no `a.b`: the attribute raises AttributeError there.

    ## Example
    ```toml
    [[tool.tpkg-lint.package]]
    name = "classifier"
    modules = ["classifier"]
    actions = [{ intern = "**" }]
    ```
    ```python classifier.py
    import heads


    def build():
        return heads.linear.Linear()
    ```
    ```python heads/__init__.py
    ```
    ```python heads/linear.py
    class Linear:
        pass
    ```

    ## Use instead
    ```toml
    [[tool.tpkg-lint.package]]
    name = "classifier"
    modules = ["classifier"]
    actions = [{ intern = "**" }]
    ```
    ```python classifier.py
    from heads.linear import Linear


    def build():
        return Linear()
    ```
    ```python heads/__init__.py
    ```
    ```python heads/linear.py
    class Linear:
        pass
    ```

    ## Fix safety
    Safe. The fix imports the submodule next to the import that is there.

    ## How it is confirmed
    The parent is imported from the package and by the host. The finding is confirmed if the submodule is an attribute
    of the host's only.
    """

    code = "TPK111"
    name = "submodule-not-imported"
    severity = Severity.ERROR
    since = "0.1"
    runs_inside = True
    confirmed_by = ExperimentKind.SUBMODULE_MISSING

    def check_file(self, context: FileContext) -> Iterator[Diagnostic]:
        """Report each submodule once, where it is first used; a file that imports no package is not parsed."""
        # What is not known of a package may bring the submodule.
        closures = [closure for closure in context.closures if not closure.package.is_open]
        if not any(_binds_package(context, closure) for closure in closures):
            return
        module = context.project.module(context.name)
        if module is None:
            return
        seen: set[str] = set()
        for node, scope in module.sites(cst.Attribute):
            if isinstance(module.parent(node), (cst.Attribute, cst.ImportAlias, cst.ImportFrom, cst.AssignTarget)):
                continue
            for closure in closures:
                missing = _missing(context, closure, node, scope)
                if missing is None or missing[0] in seen:
                    continue
                seen.add(missing[0])
                name, part, binding = missing
                yield context.finding(
                    self,
                    module.span(part),
                    f"`{name}` is used and nothing imports it: {owner(context)} does not hold it",
                    symbol=name,
                    help=f"write `import {name}`, or import what is needed from it",
                    fix=_fix(context, module, binding, name),
                    package=closure.package.name,
                )


def _binds_package(context: FileContext, closure: Closure) -> bool:
    """Tell whether an import binds a package that is interned."""
    base = package_of(context.name, context.is_package)
    for item in context.facts.imports:
        if item.is_star:
            continue
        try:
            target = absolute_name(item.module, base, item.level)
        except ValueError:
            continue
        names = (target.partition(".")[0], target) if item.name is None else (f"{target}.{item.name}",)
        for name in names:
            found = closure.modules.get(name)
            is_interned = found is not None and found.action is Action.INTERN
            if is_interned and found is not None and found.path is not None and found.path.stem == "__init__":
                return True
    return False


def _missing(
    context: FileContext, closure: Closure, node: cst.Attribute, scope: Scope
) -> tuple[str, cst.CSTNode, Binding] | None:
    """Return the first submodule in a chain of attributes that the package lacks, where it stands, and the import."""
    chain: list[cst.Attribute] = []
    inner: cst.BaseExpression = node
    while isinstance(inner, cst.Attribute):
        chain.append(inner)
        inner = inner.value
    if not isinstance(inner, cst.Name) or (found := scope.lookup(inner.value)) is None:
        return None
    bindings = found[1]
    if any(binding.kind is not BindingKind.IMPORT for binding in bindings) or bindings[0].target is None:
        return None
    if len({binding.target for binding in bindings}) != 1:
        return None
    at = bindings[0].target
    for attribute in reversed(chain):
        submodule = f"{at}.{attribute.attr.value}"
        if submodule in closure.modules:
            at = submodule
            continue
        if action_in(closure, at) is not Action.INTERN or context.project.facts(submodule) is None:
            return None
        if any(name.startswith(f"{submodule}.") for name in closure.modules):
            return None  # the importer makes an empty parent for what is below: dropped-parent-init
        state = context.project.state(at)
        if state is None or state.stars or _offers(state.names, state.imports, attribute.attr.value):
            return None
        return submodule, attribute, bindings[0]
    return None


def _offers(names: frozenset[str], imports: tuple[tuple[str, str], ...], name: str) -> bool:
    """Tell whether a module binds a name itself, or may make it up when asked."""
    return name in names or "__getattr__" in names or any(bound == name for bound, _ in imports)


def _fix(context: FileContext, module: AnalyzedModule, binding: Binding, name: str) -> Fix | None:
    statement = module.parent(binding.node)
    line = module.parent(statement) if statement is not None else None
    if not isinstance(statement, (cst.Import, cst.ImportFrom)) or not isinstance(line, cst.SimpleStatementLine):
        return None
    bound = binding.node.name if isinstance(binding.node, cst.ImportAlias) else None
    if len(line.body) != 1 or bound is None or (dotted_name(bound) or "") == name:
        return None
    place = module.span(statement)
    indent = context.source.splitlines()[place.line - 1][: place.column - 1]
    start = Span(place.line, place.column, place.line, place.column)
    return Fix(f"Import `{name}`", (Edit(context.path, start, f"import {name}\n{indent}"),), is_safe=True)
