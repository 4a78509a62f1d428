"""Where to start: the scripts and functions from which the code that makes an exporter is reached."""

import ast
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from tpkg_analyzer.scan.exports.code import SourceModule, last_name, standing_for

EXPORTER = "PackageExporter"
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


@dataclass(frozen=True, slots=True)
class Entry:
    """A module that is run, or one of its functions or methods that nobody calls."""

    module: str
    qualname: str = ""


@dataclass(slots=True)
class Block:
    """A function, or a module's top level: what it calls or hands on, and whether it uses an exporter's class."""

    module: str
    qualname: str
    node: ast.AST | None = None
    calls: set[str] = field(default_factory=set)
    reads: set[str] = field(default_factory=set)
    """The attributes that it asks for: some may be computed by functions."""
    makes_exporter: bool = False

    @property
    def called_as(self) -> str:
        """Return the name by which it is called: that of the class for a special method."""
        owner, _, name = self.qualname.rpartition(".")
        # What makes objects of a class may call its special methods.
        return owner.rpartition(".")[2] if owner and name.startswith("__") else name

    @property
    def is_property(self) -> bool:
        """Whether it runs where an attribute of its name is asked for."""
        return isinstance(self.node, _FUNCTIONS) and any(
            last_name(item).endswith("property") for item in self.node.decorator_list
        )


def entries_of(modules: Iterable[SourceModule]) -> list[list[Entry]]:
    """Return for each block that makes an exporter the ways to reach it, the farthest first, at last itself."""
    sources = list(modules)
    names = exporter_names(sources)
    blocks = [block for source in sources for block in _blocks(source, names)]
    computed = {block.called_as for block in blocks if block.is_property}
    callers: dict[str, list[Block]] = {}
    for block in blocks:
        for name in block.calls | (block.reads & computed):
            callers.setdefault(name, []).append(block)
    return [_ways(block, callers) for block in blocks if block.makes_exporter]


def exporter_names(sources: Iterable[SourceModule]) -> set[str]:
    """Return the names by which exporters' classes are called: the class, aliases, subclasses."""
    named = [pair for source in sources for pair in source.named_after]
    names = {EXPORTER}
    while more := {name for name, origin in named if origin in names} - names:
        names |= more
    return names


def _blocks(source: SourceModule, names: set[str]) -> Iterator[Block]:
    top = Block(source.name, "")
    found = [top]
    stack: list[tuple[ast.AST, Block, str]] = [(source.tree, top, "")]
    while stack:
        node, block, prefix = stack.pop()
        if isinstance(node, (*_FUNCTIONS, ast.ClassDef)):
            inner = f"{prefix}{node.name}."
            outer = block
            outer.calls.update(map(last_name, node.decorator_list))
            if isinstance(node, _FUNCTIONS) and block is top:
                block = Block(source.name, f"{prefix}{node.name}", node)
                found.append(block)
            stack += [(child, outer, prefix) for child in node.decorator_list]
            if isinstance(node, _FUNCTIONS):
                stack += [(child, block, prefix) for child in (*node.args.defaults, *node.args.kw_defaults) if child]
            stack += [(child, block, inner) for child in node.body]
            continue
        if isinstance(node, ast.Call):
            handed = [*node.args, *(item.value for item in node.keywords)]
            block.calls.update(last_name(item) for item in (node.func, *handed))
        if isinstance(node, ast.Attribute):
            block.reads.add(node.attr)
        if isinstance(node, ast.Name | ast.Attribute) and last_name(node) in names:
            block.makes_exporter = block.makes_exporter or isinstance(node.ctx, ast.Load)
        if isinstance(node, ast.AnnAssign):
            stack += [(node.value, block, prefix)] if node.value is not None else []
            continue
        if isinstance(node, ast.Assign) and block is top and not names.isdisjoint(standing_for(node.value)):
            continue  # another name for the class
        stack += [(child, block, prefix) for child in ast.iter_child_nodes(node)]
    yield from found


def _ways(block: Block, callers: Mapping[str, list[Block]]) -> list[Entry]:
    """Go up from callee to caller; the ends, then the block itself. `callers` are blocks by the names they call."""
    seen = {(block.module, block.qualname)}
    level = [block]
    ends: list[Block] = []
    while level:
        above: list[Block] = []
        for item in level:
            found = [other for other in callers.get(item.called_as, ()) if other is not item] if item.qualname else []
            fresh = [other for other in found if (other.module, other.qualname) not in seen]
            seen |= {(other.module, other.qualname) for other in fresh}
            above += fresh
            if not found:
                ends.append(item)
        level = above
    # A script is run for sure; functions that nobody calls may be called by anybody.
    ends.sort(key=lambda item: bool(item.qualname))
    ways = [*ends, block]
    return list(dict.fromkeys(Entry(item.module, item.qualname) for item in ways))
