"""The names that a module's functions may bind in it when somebody calls them."""

import ast
from collections.abc import Sequence

from tpkg_runtime.spec.source import is_on, lines_with

_WORDS = ("global", "setattr(", ".__dict__")
_READING = frozenset({"get", "keys", "items", "values", "copy"})

_GIVING = frozenset({"getattr", "__import__", "import_module", "getmodule", "next", "vars", "globals"})
"""Functions that give what was there before, a module for instance."""
_ASKING = ("sys.modules", "sys import", "import_module", "__import__", "getmodule")
"""Without one of these in its text, a file does not come by its own module, unless it imports itself by name."""

_FUNCTIONS = frozenset({ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda})
_TELLING = frozenset({ast.Global, ast.Call, ast.Attribute, ast.Compare, ast.Subscript})
_LEAVES = frozenset({ast.Name, ast.Constant, ast.Load, ast.Store})


def late_names(tree: ast.Module, source: str, whole: str = "") -> set[str] | None:
    """Return the names declared `global` in functions; None where functions bind names that cannot be told.

    The tree is that of `source`, `whole` the text from which functions were left out, if any were.
    A module's own `__getattr__` (PEP 562) may bind what it is asked for: whoever asks gets the same.
    """
    names: set[str] = set()
    lines = lines_with(source, _WORDS)
    if not lines:
        return names
    read_only: set[int] = set()
    hooks = [node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == "__getattr__"]
    stack: list[tuple[ast.AST, tuple[ast.AST, ...]]] = [(tree, ())]
    while stack:
        node, functions = stack.pop()
        kind = type(node)
        functions = (*functions, node) if kind in _FUNCTIONS else functions
        if node in hooks:
            names.update(name for inner in ast.walk(node) if isinstance(inner, ast.Global) for name in inner.names)
            continue
        if functions and kind in _TELLING:
            if isinstance(node, ast.Global):
                names.update(node.names)
            read_only.update(id(mapping) for mapping in _only_read(node))
            if id(node) not in read_only and _binds_what_it_likes(node, functions, whole or source):
                return None
        for field in kind._fields:
            value = getattr(node, field, None)
            if type(value) is list:
                below = (child for child in value if isinstance(child, ast.AST) and is_on(child, lines))
                stack.extend((child, functions) for child in below)
            elif isinstance(value, ast.AST) and type(value) not in _LEAVES:
                stack.append((value, functions))
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


def _binds_what_it_likes(node: ast.AST, functions: Sequence[ast.AST], source: str) -> bool:
    match node:
        case ast.Call(func=ast.Name(id="setattr"), args=[ast.Name(id=owner), name, *_]):
            if owner in {"self", "cls"} or isinstance(name, ast.Constant):
                return False
            return not _is_something_else(owner, functions, source)
        case ast.Call(func=ast.Name(id="globals")):
            return True
        case ast.Attribute(attr="__dict__", value=ast.Subscript()):  # sys.modules[...].__dict__
            return True
        case _:
            return False


def _is_something_else(name: str, functions: Sequence[ast.AST], source: str) -> bool:
    """Tell whether a name in the innermost of some functions does not stand for the module itself.

    A local name stands for it where the file asks for its own module, or where somebody else gives that to a
    function: that is noted where it happens.
    """
    for function in reversed(functions):
        bound = [node for node in ast.walk(function) if _binds(node, name)]
        if bound:
            is_local = not any(isinstance(node, (ast.alias, ast.Global, ast.Nonlocal)) for node in bound)
            return is_local and (not any(word in source for word in _ASKING) or _are_made(bound, function))
    return False


def _binds(node: ast.AST, name: str) -> bool:
    match node:
        case ast.Name(id=bound, ctx=ast.Store()) | ast.arg(arg=bound):
            return bound == name
        case ast.alias(name=imported, asname=other):
            return (other or imported) == name
        case ast.Global(names=names) | ast.Nonlocal(names=names):
            return name in names
        case _:
            return False


def _are_made(bound: Sequence[ast.AST], function: ast.AST) -> bool:
    """Tell whether all that binds a name in a function binds it to what a call of another function gives."""
    made = {
        id(node.targets[0])
        for node in ast.walk(function)
        if isinstance(node, ast.Assign) and len(node.targets) == 1 and _makes(node.value)
    }
    return all(id(node) in made for node in bound)


def _makes(value: ast.expr) -> bool:
    """Tell whether an expression is a call that gives a new object, as far as its name tells."""
    return isinstance(value, ast.Call) and isinstance(value.func, ast.Name) and value.func.id not in _GIVING
