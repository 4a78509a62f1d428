"""The names that a module's functions may bind in it when somebody calls them."""

import ast

from tpkg_runtime.spec.source import is_on, lines_with

_WORDS = ("global", "setattr(", ".__dict__")
_READING = frozenset({"get", "keys", "items", "values", "copy"})

_GIVING = frozenset({"getattr", "__import__", "import_module", "getmodule", "next", "vars", "globals"})
"""Functions that give what was there before, a module for instance."""

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
    stack: list[tuple[ast.AST, ast.AST | None]] = [(tree, None)]
    while stack:
        node, function = stack.pop()
        kind = type(node)
        function = node if kind in _FUNCTIONS else function
        if node in hooks:
            names.update(name for inner in ast.walk(node) if isinstance(inner, ast.Global) for name in inner.names)
            continue
        if function is not None and kind in _TELLING:
            if isinstance(node, ast.Global):
                names.update(node.names)
            read_only.update(id(mapping) for mapping in _only_read(node))
            if id(node) not in read_only and _binds_what_it_likes(node, function):
                return None
        for field in kind._fields:
            value = getattr(node, field, None)
            if type(value) is list:
                below = (child for child in value if isinstance(child, ast.AST) and is_on(child, lines))
                stack.extend((child, function) for child in below)
            elif isinstance(value, ast.AST) and type(value) not in _LEAVES:
                stack.append((value, function))
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


def _binds_what_it_likes(node: ast.AST, function: ast.AST) -> bool:
    match node:
        case ast.Call(func=ast.Name(id="setattr"), args=[ast.Name(id=owner), name, *_]):
            if owner in {"self", "cls"} or isinstance(name, ast.Constant):
                return False
            return not _is_made_in(function, owner)
        case ast.Call(func=ast.Name(id="globals")):
            return True
        case ast.Attribute(attr="__dict__", value=ast.Subscript()):  # sys.modules[...].__dict__
            return True
        case _:
            return False


def _is_made_in(function: ast.AST, name: str) -> bool:
    """Tell whether a function binds a name to what calls of other functions give, and to nothing else."""
    made = {
        id(node.targets[0])
        for node in ast.walk(function)
        if isinstance(node, ast.Assign) and len(node.targets) == 1 and _makes(node.value)
    }
    bound = [
        node
        for node in ast.walk(function)
        if (isinstance(node, ast.Name) and node.id == name and isinstance(node.ctx, ast.Store))
        or (isinstance(node, ast.arg) and node.arg == name)
        or (isinstance(node, ast.alias) and (node.asname or node.name) == name)
        or (isinstance(node, (ast.Global, ast.Nonlocal)) and name in node.names)
    ]
    return bool(bound) and all(id(node) in made for node in bound)


def _makes(value: ast.expr) -> bool:
    """Tell whether an expression is a call that gives a new object, as far as its name tells."""
    return isinstance(value, ast.Call) and isinstance(value.func, ast.Name) and value.func.id not in _GIVING
