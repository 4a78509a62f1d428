"""The imports that the exporter sees in a module's source.

It reads import statements wherever they stand and `__import__` calls with constant arguments, and nothing else: no
control flow, no `importlib.import_module`. What is found depends on the text alone; `resolve` makes names absolute.
"""

import ast
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum

from tpkg_runtime.spec.guards import catches_import_error, is_type_checking, suppresses_import_error
from tpkg_runtime.spec.source import Span, is_on, lines_with, split_lines

_HOLDS_STATEMENTS = frozenset({"body", "orelse", "handlers", "finalbody", "cases"})
_BLOCKS: dict[type[ast.AST], tuple[str, ...]] = {}


class EdgeKind(Enum):
    """How a module comes to depend on another."""

    STATIC = "static"
    TYPE_CHECKING = "type-checking"
    OPTIONAL = "optional"
    FUNCTION = "function"
    LAZY = "lazy"
    DUNDER_IMPORT = "dunder-import"
    PICKLE = "pickle"
    IMPLICIT_PARENT = "implicit-parent"
    DYNAMIC_KNOWN = "dynamic-known"


@dataclass(frozen=True, slots=True)
class Import:
    """One name that an import asks for, as written.

    `from ..a import b` has level 2, module "a" and name "b"; `import a.b` has module "a.b" and no name, and so has
    `from a.b import *`, which is a star.
    """

    module: str
    name: str | None
    level: int
    kind: EdgeKind
    span: Span
    is_star: bool = False


@dataclass(frozen=True, slots=True)
class Reference:
    """An import made absolute: `name` is a submodule or an attribute of `module`, as the environment decides."""

    module: str
    name: str | None
    origin: Import


def find_imports(source: str) -> tuple[Import, ...]:
    """Return all imports of a source, in the order of torch.package's scanner, repetitions included.

    Raises what `ast.parse` raises (SyntaxError, ValueError, RecursionError).
    """
    return imports_of_tree(ast.parse(source), source)


def imports_of_tree(tree: ast.Module, source: str) -> tuple[Import, ...]:
    """Do the same for a source that is parsed already."""
    # Calls can stand in any expression; most files have no such call and their expressions need no visit.
    into_expressions = "__import__" in source
    lines = lines_with(source, ("import",))  # a statement that holds none needs no visit
    return tuple(_walk(tree, _Spans(source), lines, into_expressions)) if lines else ()


def resolve(imports: Iterable[Import], package: str) -> list[Reference]:
    """Make the imports of a module of `package` absolute; each pair of module and name once, in order.

    Raises ValueError where a relative import statement leaves the top-level package: the exporter then gives up the
    whole module. A call of `__import__` that does the same is passed over.
    """
    found: dict[tuple[str, str | None], Reference] = {}
    for item in imports:
        try:
            module = absolute_name(item.module, package, item.level)
        except ValueError:
            if item.kind is EdgeKind.DUNDER_IMPORT:
                continue
            raise
        found.setdefault((module, item.name), Reference(module, item.name, item))
    return list(found.values())


def absolute_name(name: str, package: str, level: int) -> str:
    """Resolve `name` of a relative import of `level` dots in `package`, as PEP 328 says."""
    if level <= 0:
        return name
    bits = package.rsplit(".", level - 1)
    if len(bits) < level:
        raise ValueError("attempted relative import beyond top-level package")
    return f"{bits[0]}.{name}" if name else bits[0]


def package_of(module: str, is_package: bool) -> str:
    """Return the name that relative imports of `module` start from; a top-level module is its own package here."""
    return module if is_package else module.rpartition(".")[0] or module


def _walk(tree: ast.Module, spans: "_Spans", lines: Sequence[int], into_expressions: bool) -> Iterator[Import]:
    # An explicit stack: sources nested deeper than the interpreter's recursion limit are read as well.
    stack: list[tuple[ast.AST, EdgeKind]] = [(tree, EdgeKind.STATIC)]
    while stack:
        node, kind = stack.pop()
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            yield from _statement(node, kind, spans)
        elif isinstance(node, ast.Call):  # torch.package does not look inside of other calls
            if isinstance(node.func, ast.Name) and node.func.id == "__import__":
                yield from _dunder_import(node, spans)
        elif into_expressions or _blocks(type(node)):
            children = [item for item in _children(node, kind, into_expressions) if is_on(item[0], lines)]
            stack.extend(reversed(children))


def _statement(node: ast.Import | ast.ImportFrom, kind: EdgeKind, spans: "_Spans") -> Iterator[Import]:
    if getattr(node, "is_lazy", 0):  # PEP 810, Python 3.15
        kind = EdgeKind.LAZY
    for alias in node.names:
        span = spans.of(alias)
        if isinstance(node, ast.Import):
            yield Import(alias.name, None, 0, kind, span)
        elif alias.name == "*":
            yield Import(node.module or "", None, node.level, kind, span, is_star=True)
        else:
            yield Import(node.module or "", alias.name, node.level, kind, span)


def _dunder_import(node: ast.Call, spans: "_Spans") -> Iterator[Import]:
    """Read a call of `__import__`; whatever is no constant makes the rest of it invisible, as in the original."""
    if not node.args or not isinstance(node.args[0], ast.Constant) or not isinstance(node.args[0].value, str):
        return
    name = node.args[0].value
    span = spans.of(node)
    from_list = _argument(node, 3, "fromlist")
    if from_list is not None and not isinstance(from_list, (ast.List, ast.Tuple, ast.Set)):
        return
    level = _level(node)
    if level is None and _argument(node, 4, "level") is not None and not _has_value(node):
        return
    if from_list is None or not from_list.elts:
        yield Import(name, None, 0, EdgeKind.DUNDER_IMPORT, span)
        parent = name.rpartition(".")[0]
        if parent and level is not None:
            yield Import(parent, None, level, EdgeKind.DUNDER_IMPORT, span)
        return
    if level is None or not all(hasattr(element, "value") for element in from_list.elts):
        return
    for element in from_list.elts:
        value = getattr(element, "value")  # noqa: B009 - not every expression has one
        # Of `x.y` the original takes the node `x` for the name; no module is called that.
        item = f"<{type(value).__name__}>" if isinstance(value, ast.AST) else str(value)
        yield Import(name, None if item == "*" else item, level, EdgeKind.DUNDER_IMPORT, span, is_star=item == "*")


def _argument(node: ast.Call, position: int, keyword: str) -> ast.expr | None:
    if len(node.args) > position:
        return node.args[position]
    return next((item.value for item in reversed(node.keywords) if item.arg == keyword), None)


def _level(node: ast.Call) -> int | None:
    """Return the constant level of the call, 0 where none is given, None where it cannot be used as one."""
    given = _argument(node, 4, "level")
    if given is None:
        return 0
    value = given.value if isinstance(given, ast.Constant) else None
    return int(value) if isinstance(value, int) else None


def _has_value(node: ast.Call) -> bool:
    return hasattr(_argument(node, 4, "level"), "value")


def _children(node: ast.AST, kind: EdgeKind, into_expressions: bool) -> Iterator[tuple[ast.AST, EdgeKind]]:
    """Yield what may hold imports below `node`, each with the kind that an import there has."""
    for field in node._fields if into_expressions else _blocks(type(node)):
        value = getattr(node, field, None)
        inner = _kind_below(node, field, kind)
        if isinstance(value, list):
            for item in value:
                if isinstance(item, ast.AST) and (into_expressions or not isinstance(item, ast.expr)):
                    yield item, inner
        elif isinstance(value, ast.AST) and into_expressions:
            yield value, inner


def _blocks(kind: type[ast.AST]) -> tuple[str, ...]:
    """Return the fields of a node that hold statements, or what holds statements."""
    known = _BLOCKS.get(kind)
    if known is None:
        known = _BLOCKS[kind] = tuple(field for field in kind._fields if field in _HOLDS_STATEMENTS)
    return known


def _kind_below(node: ast.AST, field: str, kind: EdgeKind) -> EdgeKind:
    if kind is EdgeKind.TYPE_CHECKING or field not in {"body", "handlers"}:
        return kind
    match node:
        case ast.If(test=test) if is_type_checking(test):
            return EdgeKind.TYPE_CHECKING
        case ast.Try() | ast.With() if kind is not EdgeKind.OPTIONAL:
            guarded = catches_import_error(node) if not isinstance(node, ast.With) else suppresses_import_error(node)
            return EdgeKind.OPTIONAL if guarded else kind
        case ast.FunctionDef() | ast.AsyncFunctionDef() if kind is EdgeKind.STATIC:
            return EdgeKind.FUNCTION
        case _:
            return kind


class _Spans:
    """Turns the UTF-8 byte columns of `ast` into code points."""

    def __init__(self, source: str) -> None:
        self._source = source
        self._lines: Sequence[str] | None = None

    def of(self, node: ast.expr | ast.alias) -> Span:
        end_line = node.end_lineno or node.lineno
        end_column = node.end_col_offset or node.col_offset
        return Span(
            node.lineno, self._column(node.lineno, node.col_offset), end_line, self._column(end_line, end_column)
        )

    def _column(self, line: int, offset: int) -> int:
        if self._source.isascii():
            return offset + 1
        if self._lines is None:
            self._lines = split_lines(self._source)
        text = self._lines[line - 1] if line <= len(self._lines) else ""
        if text.isascii():
            return offset + 1
        return len(text.encode("utf-8", "surrogatepass")[:offset].decode("utf-8", "replace")) + 1
