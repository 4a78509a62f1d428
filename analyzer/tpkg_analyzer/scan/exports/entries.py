"""Where to start: the scripts and functions from which the code that makes an exporter is reached."""

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from tpkg_analyzer.scan.exports.code import SourceModule

EXPORTER = "PackageExporter"
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


@dataclass(frozen=True, slots=True)
class Entry:
    """A module that is run, or one of its functions or methods that nobody calls."""

    module: str
    qualname: str = ""


@dataclass(slots=True)
class Block:
    """A function, or a module's top level: what it calls, and whether it uses an exporter's class."""

    module: str
    qualname: str
    node: ast.AST | None = None
    calls: set[str] = field(default_factory=set)
    makes_exporter: bool = False

    @property
    def name(self) -> str:
        """Return the last part of the name."""
        return self.qualname.rpartition(".")[2]


def entries_of(modules: Iterable[SourceModule]) -> list[list[Entry]]:
    """Return for each block that makes an exporter the ways to reach it, the farthest first, at last itself."""
    sources = list(modules)
    names = exporter_names(sources)
    blocks = [block for source in sources for block in _blocks(source, names)]
    return [_ways(block, blocks) for block in blocks if block.makes_exporter]


def exporter_names(sources: Iterable[SourceModule]) -> set[str]:
    """Return the names by which exporters' classes are called: the class, aliases, subclasses."""
    sources = list(sources)
    names = {EXPORTER}
    for _ in range(3):
        for source in sources:
            names |= set(_named_after(source, names))
    return names


def _named_after(source: SourceModule, names: set[str]) -> Iterator[str]:
    for node in ast.walk(source.tree):
        match node:
            case ast.ImportFrom(names=aliases):
                yield from (alias.asname for alias in aliases if alias.name in names and alias.asname)
            case ast.ClassDef(name=name, bases=bases) if any(_last(base) in names for base in bases):
                yield name
            case ast.Assign(targets=[ast.Name(id=name)], value=value) if _last(value) in names:
                yield name
            case _:
                pass


def _last(node: ast.AST) -> str:
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
        case _:
            return ""


def _blocks(source: SourceModule, names: set[str]) -> Iterator[Block]:
    top = Block(source.name, "")
    found = [top]
    stack: list[tuple[ast.AST, Block, str]] = [(source.tree, top, "")]
    while stack:
        node, block, prefix = stack.pop()
        if isinstance(node, (*_FUNCTIONS, ast.ClassDef)):
            inner = f"{prefix}{node.name}."
            outer = block
            if isinstance(node, _FUNCTIONS) and block is top:
                block = Block(source.name, f"{prefix}{node.name}", node)
                found.append(block)
            stack += [(child, outer, prefix) for child in node.decorator_list]
            stack += [(child, block, inner) for child in node.body]
            continue
        if isinstance(node, ast.Call):
            block.calls.add(_last(node.func))
        if isinstance(node, ast.Name | ast.Attribute) and _last(node) in names:
            block.makes_exporter = block.makes_exporter or isinstance(node.ctx, ast.Load)
        if isinstance(node, ast.AnnAssign):
            stack += [(node.value, block, prefix)] if node.value is not None else []
            continue
        if isinstance(node, ast.Assign) and _last(node.value) in names and block is top:
            continue  # another name for the class
        stack += [(child, block, prefix) for child in ast.iter_child_nodes(node)]
    yield from found


def _ways(block: Block, blocks: list[Block]) -> list[Entry]:
    """Go up from callee to caller; the ends, then the block itself."""
    seen = {(block.module, block.qualname)}
    level = [block]
    ends: list[Block] = []
    while level:
        above: list[Block] = []
        for item in level:
            callers = [other for other in blocks if item.qualname and _is_called(item, other)]
            fresh = [other for other in callers if (other.module, other.qualname) not in seen]
            seen |= {(other.module, other.qualname) for other in fresh}
            above += fresh
            if not callers:
                ends.append(item)
        level = above
    # A script is run for sure; functions that nobody calls may be called by anybody.
    ends.sort(key=lambda item: bool(item.qualname))
    ways = [*ends, block]
    return list(dict.fromkeys(Entry(item.module, item.qualname) for item in ways))


def _is_called(block: Block, by: Block) -> bool:
    names = {block.name}
    if block.name.startswith("__") and "." in block.qualname:  # what makes objects of the class may call it
        names = {block.qualname.split(".")[-2]}
    return bool(names & by.calls) and by is not block
