"""The names that a module's functions may bind in it when somebody calls them."""

import ast

from tpkg_runtime.spec.source import is_on, lines_with

_WORDS = ("global", "setattr(", ".__dict__")
_READING = frozenset({"get", "keys", "items", "values", "copy"})

_FUNCTIONS = frozenset({ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda})
_TELLING = frozenset({ast.Global, ast.Call, ast.Attribute, ast.Compare, ast.Subscript})
_LEAVES = frozenset({ast.Name, ast.Constant, ast.Load, ast.Store})


def late_names(tree: ast.Module, source: str) -> set[str] | None:
    """Return the names declared `global` in functions; None where functions bind names that cannot be told.

    A module's own `__getattr__` (PEP 562) may bind what it is asked for: whoever asks gets the same.
    """
    names: set[str] = set()
    lines = lines_with(source, _WORDS)
    if not lines:
        return names
    read_only: set[int] = set()
    hooks = [node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == "__getattr__"]
    stack: list[tuple[ast.AST, bool]] = [(tree, False)]
    while stack:
        node, is_inside = stack.pop()
        kind = type(node)
        is_inside = is_inside or kind in _FUNCTIONS
        if node in hooks:
            names.update(name for inner in ast.walk(node) if isinstance(inner, ast.Global) for name in inner.names)
            continue
        if is_inside and kind in _TELLING:
            if isinstance(node, ast.Global):
                names.update(node.names)
            read_only.update(id(mapping) for mapping in _only_read(node))
            if id(node) not in read_only and _binds_what_it_likes(node):
                return None
        for field in kind._fields:
            value = getattr(node, field, None)
            if type(value) is list:
                below = (child for child in value if isinstance(child, ast.AST) and is_on(child, lines))
                stack.extend((child, is_inside) for child in below)
            elif isinstance(value, ast.AST) and type(value) not in _LEAVES:
                stack.append((value, is_inside))
    return names


def _only_read(node: ast.AST) -> list[ast.expr]:
    """Return the mappings that `node` looks into without changing them: `x in m`, `m[x]`, `m.get(x)`."""
    match node:
        case ast.Compare(comparators=others):
            return others
        case ast.Subscript(value=mapping, ctx=ast.Load()):
            return [mapping]
        case ast.Attribute(value=mapping, attr=attribute) if attribute in _READING:
            return [mapping]
        case ast.Call(func=ast.Name(id="__import__"), args=arguments):
            return arguments
        case _:
            return []


def _binds_what_it_likes(node: ast.AST) -> bool:
    match node:
        case ast.Call(func=ast.Name(id="setattr"), args=[ast.Name(id=owner), name, *_]):
            return owner not in {"self", "cls"} and not isinstance(name, ast.Constant)
        case ast.Call(func=ast.Name(id="globals")):
            return True
        case ast.Attribute(attr="__dict__", value=ast.Subscript()):  # sys.modules[...].__dict__
            return True
        case _:
            return False
