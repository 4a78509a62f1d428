"""TPK602 string-annotations."""

import ast
import builtins
import re
from collections.abc import Iterator
from dataclasses import dataclass

import libcst as cst

from tpkg_analyzer.model.diagnostic import Diagnostic, Edit, Fix, Related, Severity
from tpkg_analyzer.rule.context import ModuleContext
from tpkg_analyzer.rule.module import AnalyzedModule
from tpkg_analyzer.rule.packaged import owner
from tpkg_analyzer.rule.rule import Rule
from tpkg_analyzer.rule.scopes import Scope, ScopeKind
from tpkg_runtime.wire.messages import Experiment, ExperimentKind

_FOR_TYPE_CHECKERS = frozenset({"typing.TYPE_CHECKING", "typing_extensions.TYPE_CHECKING"})
_DECORATORS = frozenset({"dataclasses.dataclass"})
# How the dataclasses module looks at a string: a name before a dot is looked up elsewhere and does no harm.
_NAME_WITHOUT_DOT = re.compile(r"^(?!\s*\w+\s*\.)\s*\w+")


class StringAnnotations(Rule):
    """A dataclass of a package has a field whose annotation is a string.

    ## What it does
    Reports a dataclass in an interned module with a field whose annotation is a string that begins with a name without
    a dot: written in quotes, or any annotation under `from __future__ import annotations`.

    ## Why is this bad?
    To tell whether the string means ClassVar, InitVar or KW_ONLY, the dataclass decorator looks into
    `sys.modules[cls.__module__]`. A package's modules are not there, so that importing the module from the package
    raises AttributeError: 'NoneType' object has no attribute '__dict__'. A string such as `torch.Tensor` is let pass.

    ## Example
    ```toml
    [[tool.tpkg-lint.package]]
    name = "classifier"
    modules = ["classifier"]
    actions = [{ intern = "classifier" }]
    ```
    ```python classifier.py
    from __future__ import annotations

    from dataclasses import dataclass


    @dataclass
    class Config:
        width: int = 32
    ```

    ## Use instead
    ```toml
    [[tool.tpkg-lint.package]]
    name = "classifier"
    modules = ["classifier"]
    actions = [{ intern = "classifier" }]
    ```
    ```python classifier.py
    from dataclasses import dataclass


    @dataclass
    class Config:
        width: int = 32
    ```

    ## Fix safety
    Unsafe, and not offered where an annotation names its own class, what comes later, or what is imported for type
    checking only: without the quotes, or without the future import, annotations are evaluated when the module is
    imported. That their expressions can be evaluated, such as a subscript of a class, is not known.

    ## How it is confirmed
    The module is imported from the package. The finding is confirmed if that raises there and importing the host's does
    not. What the import does not reach any more is run by itself.
    """

    code = "TPK602"
    name = "string-annotations"
    severity = Severity.ERROR
    since = "0.1"
    runs_inside = True
    confirmed_by = ExperimentKind.IMPORT_RAISES
    words = frozenset({"dataclass"})

    def experiment(self, finding: Diagnostic, code: str) -> Experiment | str | None:
        """Try classes of the top level; one that a function makes needs a call of it."""
        if "<locals>" in finding.symbol:
            return "a function makes the class"
        return super().experiment(finding, code)

    def check_module(self, context: ModuleContext) -> Iterator[Diagnostic]:
        """Report each dataclass once, at the first annotation that fails."""
        if not context.is_packaged or context.project.runtime == "tpkg":
            return
        module = context.module
        future = _future_import(module)
        for node, scope in module.sites(cst.ClassDef):
            if not _is_dataclass(module, node, scope) or _is_for_type_checkers(module, node):
                continue
            fields = [item for item in _fields(node) if _fails(item, future is not None)]
            if not fields:
                continue
            first = fields[0]
            when = "when the module is imported" if scope.runs_at_import else "when the class is made"
            cause = "under the future import" if future is not None else "in quotes"
            yield context.finding(
                self,
                module.span(first.annotation),
                f"dataclass `{node.name.value}` fails {when} from {owner(context)}: "
                f"the annotation of `{first.name}` is a string {cause}",
                symbol=f"{scope.qualname}{'.' if scope.runs_at_import else '.<locals>.'}{node.name.value}".lstrip("."),
                help="write annotations of dataclasses as expressions, without quotes and without the future import",
                related=() if future is None else (_imported_here(context, future),),
                fix=_fix(context, scope, fields, future),
            )


@dataclass(frozen=True, slots=True)
class _Field:
    name: str
    annotation: cst.BaseExpression


def _future_import(module: AnalyzedModule) -> cst.ImportFrom | None:
    for node, _ in module.sites(cst.ImportFrom):
        if isinstance(node.module, cst.Name) and node.module.value == "__future__" and not node.relative:
            names = [] if isinstance(node.names, cst.ImportStar) else node.names
            if any(alias.name.value == "annotations" for alias in names):
                return node
    return None


def _is_dataclass(module: AnalyzedModule, node: cst.ClassDef, scope: Scope) -> bool:
    for item in node.decorators:
        called = item.decorator.func if isinstance(item.decorator, cst.Call) else item.decorator
        if module.qualified(called, scope) in _DECORATORS:
            return True
    return False


def _is_for_type_checkers(module: AnalyzedModule, node: cst.CSTNode) -> bool:
    return any(
        isinstance(around, cst.If) and module.qualified(around.test, module.index.top) in _FOR_TYPE_CHECKERS
        for around in _around(module, node)
    )


def _fields(node: cst.ClassDef) -> Iterator[_Field]:
    stack: list[cst.CSTNode] = list(reversed(node.body.body))
    while stack:
        statement = stack.pop()
        if isinstance(statement, cst.AnnAssign) and isinstance(statement.target, cst.Name):
            yield _Field(statement.target.value, statement.annotation.annotation)
        elif isinstance(statement, (cst.SimpleStatementLine, cst.If, cst.Else, cst.IndentedBlock)):
            stack.extend(reversed(statement.children))


def _fails(field: _Field, is_future: bool) -> bool:
    if is_future:
        text = cst.Module([]).code_for_node(field.annotation.with_changes(lpar=(), rpar=())).strip()
    else:
        text = _text_of(field.annotation) or ""
    return _NAME_WITHOUT_DOT.match(text) is not None


def _text_of(annotation: cst.BaseExpression) -> str | None:
    if isinstance(annotation, (cst.SimpleString, cst.ConcatenatedString)):
        value = annotation.evaluated_value
        return value if isinstance(value, str) else None
    return None


def _imported_here(context: ModuleContext, future: cst.ImportFrom) -> Related:
    return Related(context.path, context.module.span(future), "this makes every annotation of the file a string")


def _fix(context: ModuleContext, scope: Scope, fields: list[_Field], future: cst.ImportFrom | None) -> Fix | None:
    if future is None:
        if not all(
            _is_bound(context.module, field.annotation, scope, _text_of(field.annotation) or "") for field in fields
        ):
            return None
        edits = [
            Edit(context.path, context.module.span(field.annotation), _text_of(field.annotation) or "")
            for field in fields
        ]
        return Fix("Write the annotations without quotes", tuple(edits), is_safe=False)
    if not all(_is_bound(context.module, *found) for found in _evaluated(context.module)):
        return None
    line = context.module.parent(future)
    if isinstance(future.names, cst.ImportStar) or len(future.names) > 1 or _has_quotes(context.module):
        return None
    if not isinstance(line, cst.SimpleStatementLine) or len(line.body) > 1:
        return None
    span = context.module.span(line)
    whole = type(span)(span.line, 1, span.line + 1, 1)
    return Fix("Remove `from __future__ import annotations`", (Edit(context.path, whole, ""),), is_safe=False)


def _evaluated(module: AnalyzedModule) -> Iterator[tuple[cst.CSTNode, Scope, str]]:
    """Yield the annotations that are evaluated where no future import stands, with their scopes and texts."""
    for node, scope in module.sites(cst.Annotation):
        is_of_local = isinstance(module.parent(node), cst.AnnAssign) and scope.kind is ScopeKind.FUNCTION
        if not is_of_local and not _is_for_type_checkers(module, node):
            yield node, scope, cst.Module([]).code_for_node(node.annotation)


def _is_bound(module: AnalyzedModule, node: cst.CSTNode, scope: Scope, annotation: str) -> bool:
    """Tell whether all names of an annotation are bound where it is evaluated, which stands at a node."""
    try:
        parts = list(ast.walk(ast.parse(annotation.strip(), mode="eval")))
    except SyntaxError:
        return False
    operands = (side for part in parts if isinstance(part, ast.BinOp) for side in (part.left, part.right))
    if any(isinstance(side, ast.Constant) and isinstance(side.value, str) for side in operands):
        return False  # there is no union of a type and a string
    around = set(_around(module, node))
    line = module.span(node).line
    for name in {part.id for part in parts if isinstance(part, ast.Name)}:
        found = scope.lookup(name)
        if found is None:
            if not hasattr(builtins, name):
                return False
            continue
        owner, bindings = found
        is_later = owner.function is not scope.function  # all of the module is there when a function is called
        if not any(
            (is_later or (module.span(binding.node).line < line and binding.node not in around))
            and not _is_for_type_checkers(module, binding.node)
            for binding in bindings
        ):
            return False
    return True


def _around(module: AnalyzedModule, node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    """Yield the nodes around a node."""
    while (parent := module.parent(node)) is not None:
        yield parent
        node = parent


def _has_quotes(module: AnalyzedModule) -> bool:
    """Tell whether a field is in quotes as well, which is harmless only as long as the future import stands."""
    return any(
        _text_of(item.annotation) is not None
        for node, scope in module.sites(cst.ClassDef)
        if _is_dataclass(module, node, scope)
        for item in _fields(node)
    )
