"""What a file says by itself. Facts depend on the bytes and the target version alone, so they are kept by digest."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import blake2b

from tpkg_analyzer.sources.text import decode_source
from tpkg_runtime.spec.imports import EdgeKind, Import, imports_of_tree
from tpkg_runtime.spec.source import START, Span

_WORD = re.compile(r"[A-Za-z_]\w*")


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a file could not be read as Python."""

    message: str
    span: Span
    is_syntax: bool


@dataclass(frozen=True, slots=True)
class ModuleFacts:
    """The facts of one file. `words` are all names that occur in it: what no rule looks for needs no closer look."""

    digest: str
    source: str
    imports: tuple[Import, ...] = ()
    required: tuple[Import, ...] = ()
    """The imports that run, unguarded, whenever the module is imported."""
    bound: frozenset[str] | None = frozenset()
    """The names that the top level can bind; None where they cannot be told."""
    words: frozenset[str] = frozenset()
    problem: Problem | None = None


def read_facts(data: bytes) -> ModuleFacts:
    """Scan one file. Never raises: what cannot be read is the problem of the facts."""
    digest = blake2b(data, digest_size=16).hexdigest()
    try:
        source = decode_source(data)
    except (SyntaxError, UnicodeDecodeError, LookupError) as error:
        return ModuleFacts(digest, "", problem=Problem(f"cannot be decoded: {error}", START, is_syntax=False))
    words = frozenset(_WORD.findall(source))
    try:
        tree = ast.parse(source)
        imports = imports_of_tree(tree, source)
    except SyntaxError as error:
        return ModuleFacts(digest, source, words=words, problem=_syntax_problem(error))
    except (ValueError, RecursionError, MemoryError) as error:
        return ModuleFacts(digest, source, words=words, problem=Problem(str(error), START, is_syntax=True))
    by_place = {(item.span.line, item.span.column): item for item in imports if item.kind is EdgeKind.STATIC}
    required = tuple(
        by_place[place]
        for node in _straight_line(tree.body)
        for alias in node.names
        if (place := (alias.lineno, alias.col_offset + 1)) in by_place
    )
    return ModuleFacts(digest, source, imports, required, _bound_names(tree), words)


def _syntax_problem(error: SyntaxError) -> Problem:
    line, column = max(error.lineno or 1, 1), max(error.offset or 1, 1)
    end_line, end_column = max(error.end_lineno or line, line), error.end_offset or 0
    if (end_line, end_column) <= (line, column):
        end_line, end_column = line, column + 1
    return Problem(error.msg, Span(line, column, end_line, end_column), is_syntax=True)


def _straight_line(body: list[ast.stmt]) -> Iterator[ast.Import | ast.ImportFrom]:
    """Yield the imports that certainly run, top to bottom, stopping at nothing conditional."""
    for statement in body:
        match statement:
            case ast.Import() | ast.ImportFrom():
                yield statement
            case ast.With(body=inner) | ast.ClassDef(body=inner):
                yield from _straight_line(inner)


def _bound_names(tree: ast.Module) -> frozenset[str] | None:
    """Return every name that may be bound at the top level, None with a star import, `__getattr__` or `globals`."""
    names: set[str] = set()
    stack: list[ast.AST] = list(tree.body)
    while stack:
        node = stack.pop()
        match node:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                names.add(name)
                continue
            case ast.ImportFrom(names=aliases) | ast.Import(names=aliases):
                names.update(alias.asname or alias.name.partition(".")[0] for alias in aliases)
            case ast.Name(id=name, ctx=ast.Store()):
                names.add(name)
            case ast.ExceptHandler(name=str(name)) | ast.MatchAs(name=str(name)) | ast.MatchStar(name=str(name)):
                names.add(name)
            case ast.Name(id="globals" | "vars" | "exec" | "sys"):
                return None
        stack.extend(ast.iter_child_nodes(node))
    return None if names & {"*", "__getattr__"} else frozenset(names)
