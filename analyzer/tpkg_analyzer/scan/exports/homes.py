"""Where a pickle says that a name of torch or the standard library comes from: the module of its definition."""

import ast
import re

from tpkg_analyzer.scan.exports.code import Code
from tpkg_runtime.spec.imports import absolute_name, package_of

Pair = tuple[str, str]

_LONGEST_CHAIN = 20
# Written in C and moved to where they are public: their `__module__` says so.
_ADOPTING = frozenset({"builtins", "collections", "functools", "datetime"})
_DOCUMENTED = "_add_docstr"
_TYPE_NAMES = """
    bool complex32 complex64 complex128 float16 float32 float64 bfloat16 int8 int16 int32 int64 uint8 uint16
    uint32 uint64 device dtype Size FloatTensor
"""
_TYPES = frozenset(_TYPE_NAMES.split())
# Functions of torch that are written in C are methods of one object, which a pickle asks for them.
_NATIVE = "_C/_VariableFunctions.pyi"
_METHOD = (("builtins", "getattr"), ("torch._C", "_VariableFunctionsClass"))
_SHORT_TYPES = {
    "half": "float16",
    "float": "float32",
    "double": "float64",
    "short": "int16",
    "int": "int32",
    "long": "int64",
    "cfloat": "complex64",
    "cdouble": "complex128",
}


def homes_of(code: Code, dotted: str) -> tuple[Pair, ...]:
    """Return what a pickle names for a class or function, nothing where no source says it."""
    home = _home(code, dotted)
    if home is not None:
        return (home,)
    module, _, name = dotted.rpartition(".")
    stub = code.stub("torch", _NATIVE) if module == "torch" else ""
    return _METHOD if name.isidentifier() and re.search(rf"^def {name}\(", stub, re.MULTILINE) else ()


def _home(code: Code, dotted: str) -> Pair | None:
    module, _, name = dotted.rpartition(".")
    for _ in range(_LONGEST_CHAIN):
        if module in _ADOPTING:
            return module, name
        if module == "torch" and (name in _TYPES or name in _SHORT_TYPES):
            return module, _SHORT_TYPES.get(name, name)
        if module.startswith("torch._C._"):
            return module, name
        if code.environment.locate(module) is None:
            return None
        found = _defined(code, module, name)
        if not isinstance(found, str):
            return found
        module, _, name = found.rpartition(".")
    return None


def _defined(code: Code, module: str, name: str) -> Pair | str | None:
    """Look a name up at the top level of a module; a text is where it is imported from."""
    tree = code.tree(module)
    if tree is None:
        is_builtin = code.environment.interpreter.stdlib_names.__contains__(module) and not name[:1].isupper()
        return (module, name) if is_builtin else None
    found: Pair | str | None = None
    is_doubtful = False
    for node in _top_level(tree):
        match node:
            case ast.FunctionDef(name=given) | ast.ClassDef(name=given) | ast.AsyncFunctionDef(name=given):
                found = (module, name) if given == name else found
            case ast.ImportFrom(names=aliases, module=source, level=level):
                base = _base(source, level, module, code)
                for alias in aliases:
                    if (alias.asname or alias.name) == name:
                        found = f"{base}.{alias.name}"
                    elif alias.name == "*" and base is not None:
                        inner = _through_star(code, base, name)
                        found = inner or found
                        is_doubtful = is_doubtful or (inner is None and code.tree(base) is None)
            case ast.Assign(targets=[ast.Name(id="__name__")], value=ast.Constant(value=str(public))):
                module = public
            case ast.Assign(
                targets=[ast.Attribute(ast.Name(id=given), "__module__")], value=ast.Constant(value=str(home))
            ):
                found = (home, name) if given == name else found
            case ast.Assign(targets=[ast.Name(id=given)], value=value) if given == name:
                found = _assigned(tree, module, value)
            case _:
                pass
    return None if is_doubtful else found


def _through_star(code: Code, base: str, name: str) -> str | None:
    names = {node.name for node in _top_level(code.tree(base)) if isinstance(node, ast.FunctionDef | ast.ClassDef)}
    return f"{base}.{name}" if name in names and not name.startswith("_") else None


def _assigned(tree: ast.Module, module: str, value: ast.expr) -> str | None:
    """Follow another name of the same thing, also one that gets its documentation on the way."""
    if isinstance(value, ast.Call) and ast.unparse(value.func) == _DOCUMENTED and value.args:
        value = value.args[0]
    if not isinstance(value, ast.Name | ast.Attribute):
        return None
    first, _, rest = ast.unparse(value).partition(".")
    for node in _top_level(tree):
        if isinstance(node, ast.Import) and any((alias.asname or alias.name) == first for alias in node.names):
            real = next(alias.name for alias in node.names if (alias.asname or alias.name) == first)
            return f"{real}.{rest}" if rest else None
        if isinstance(node, ast.ImportFrom) and not node.level:
            for alias in node.names:
                if (alias.asname or alias.name) == first:
                    return f"{node.module}.{alias.name}" + (f".{rest}" if rest else "")
    return None if rest else f"{module}.{first}"


def _base(source: str | None, level: int, module: str, code: Code) -> str | None:
    location = code.environment.locate(module)
    try:
        return absolute_name(source or "", package_of(module, location is not None and location.is_package), level)
    except ValueError:
        return None


def _top_level(tree: ast.Module | None) -> list[ast.stmt]:
    """Return the statements that run at import, also those in `if` and `try`."""
    found: list[ast.stmt] = []
    stack: list[ast.stmt] = list(reversed(tree.body)) if tree is not None else []
    while stack:
        node = stack.pop()
        found.append(node)
        if isinstance(node, ast.If | ast.Try | ast.With):
            inner = [item for item in ast.iter_child_nodes(node) if isinstance(item, ast.stmt)]
            inner += [item for handler in getattr(node, "handlers", []) for item in handler.body]
            stack += reversed(inner)
    return found
