"""What the names of a syntax tree of the standard parser refer to; the quick sibling of `scopes` for whole closures.

Errs on the side of not knowing: a name that a function binds in more than one way refers to nothing.
"""

import ast
import builtins
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from tpkg_analyzer.scan.toplevel.uses import chain_of
from tpkg_runtime.spec.imports import absolute_name

_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
_SCOPES = (*_FUNCTIONS, ast.ClassDef)
_BINDING = frozenset(
    {
        *(ast.Name, ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.ExceptHandler),
        *(ast.MatchAs, ast.MatchStar, ast.MatchMapping),
    }
)
_FIELDS: dict[type[ast.AST], tuple[str, ...]] = {}
_NO_CODE = frozenset(
    {"ctx", "op", "ops", "kind", "type_comment", "type_ignores", "name", "id", "attr", "arg", "n", "s"}
)


@dataclass(frozen=True, slots=True)
class OwnClass:
    """What `self` or `cls` stands for: the class by its dotted name, or an instance of it."""

    name: str
    through_instance: bool


@dataclass(slots=True)
class Names:
    """The names that one scope sees."""

    module: str
    package: str
    parent: "Names | None" = None
    qualname: str = ""
    is_class: bool = False
    is_function: bool = False
    bound: set[str] = field(default_factory=set)
    globals: set[str] = field(default_factory=set)
    imports: dict[str, str] = field(default_factory=dict)
    stars: list[str] = field(default_factory=list)
    aliases: dict[str, str] = field(default_factory=dict)
    own: dict[str, OwnClass] = field(default_factory=dict)
    parameters: frozenset[str] = frozenset()
    derived: set[str] = field(default_factory=set)
    """The names of a function that are bound to something made from its parameters or those around."""

    @staticmethod
    def of_module(tree: ast.Module, module: str, package: str) -> "Names":
        """Return the names of a module's top level."""
        names = Names(module, package)
        names._fill(walk_body(tree.body))
        return names

    def function(self, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda) -> "Names":
        """Return the names inside of a function that stands in this scope."""
        name = "<lambda>" if isinstance(node, ast.Lambda) else node.name
        inner = Names(self.module, self.package, self, f"{self.qualname}.{name}".lstrip("."), is_function=True)
        arguments = node.args
        ordered = [*arguments.posonlyargs, *arguments.args]
        others = [*arguments.kwonlyargs, *(item for item in (arguments.vararg, arguments.kwarg) if item)]
        inner.parameters = frozenset(item.arg for item in (*ordered, *others))
        inner.bound |= inner.parameters
        if not isinstance(node, ast.Lambda):
            nodes = list(walk_body(node.body))
            inner._fill(nodes)
            inner.bound -= inner.globals
            inner._derive(nodes)
            if self.is_class and ordered:
                first = ordered[0].arg
                if not any(name == first for item in nodes for name in bound_names(item)):
                    inner._bind_first(node, first)
        return inner

    def class_body(self, node: ast.ClassDef) -> "Names":
        """Return the names in the body of a class that stands in this scope."""
        inner = Names(self.module, self.package, self, f"{self.qualname}.{node.name}".lstrip("."), is_class=True)
        inner._fill(walk_body(node.body))
        return inner

    @property
    def qualname_of_function(self) -> str:
        """The outermost function around this scope, with the classes around it; empty at import."""
        outer = [scope for scope in self.outward() if scope.is_function]
        return outer[-1].qualname if outer else ""

    @property
    def parameters_around(self) -> frozenset[str]:
        """The parameters of all functions around."""
        return frozenset().union(*(scope.parameters for scope in self.outward())) - {"self", "cls"}

    @property
    def own_around(self) -> frozenset[str]:
        """What the functions around call their own instance or class."""
        return frozenset().union(*(scope.own for scope in self.outward()))

    @property
    def derived_around(self) -> frozenset[str]:
        """What the functions around made from their parameters."""
        return frozenset().union(*(scope.derived for scope in self.outward()))

    def outward(self) -> Iterator["Names"]:
        """Yield this scope and those around it."""
        scope: Names | None = self
        while scope is not None:
            yield scope
            scope = scope.parent

    def binds(self, name: str) -> bool:
        """Tell whether this scope or one around it binds a name."""
        return any(name in scope.bound for scope in self.outward())

    def resolve(self, node: ast.expr) -> str | None:
        """Return the full dotted name that an expression refers to, None where it is not certain."""
        chain = dotted(node)
        if chain is None:
            return None
        first, _, rest = chain.partition(".")
        base = self._first(first)
        if base is None:
            return None
        return f"{base}.{rest}" if rest else base

    def own_class(self, node: ast.expr) -> OwnClass | None:
        """Return the class that `self`, `cls`, `type(self)` or `self.__class__` stands for."""
        match node:
            case ast.Name(id=name):
                for scope in self.outward():
                    if name in scope.own:
                        return scope.own[name]
                    if name in scope.bound and not scope.is_class:
                        return None
                return None
            case ast.Call(func=ast.Name(id="type"), args=[ast.Name() as inner]):
                found = self.own_class(inner)
            case ast.Attribute(value=ast.Name() as inner, attr="__class__"):
                found = self.own_class(inner)
            case _:
                return None
        return OwnClass(found.name, through_instance=False) if found is not None else None

    def _first(self, name: str) -> str | None:
        for scope in self.outward():
            if scope.is_class and scope is not self:
                continue
            if name in scope.globals:
                return self._of_module(name)
            if scope.parent is None:
                return self._of_module(name)
            if name in scope.own:
                return None
            if name in scope.bound:
                return scope.imports.get(name) or scope.aliases.get(name)
        return None

    def _of_module(self, name: str) -> str | None:
        top = list(self.outward())[-1]
        if name in top.imports:
            return top.imports[name]
        if name in top.bound:
            return f"{self.module}.{name}"
        return f"builtins.{name}" if hasattr(builtins, name) else None

    def _fill(self, nodes: Iterable[ast.AST]) -> None:
        assigned: dict[str, int] = {}
        values: dict[str, ast.expr] = {}
        for node in nodes:
            match node:
                case ast.Global(names=items):
                    self.globals.update(items)
                case ast.Nonlocal(names=items):
                    assigned.update(dict.fromkeys(items, 2))
                case ast.Import(names=aliases):
                    for alias in aliases:
                        bound = alias.asname or alias.name.partition(".")[0]
                        self.imports[bound] = alias.name if alias.asname else bound
                        self.bound.add(bound)
                case ast.ImportFrom():
                    self._import_from(node)
                case ast.Assign(targets=[ast.Name(id=name)], value=value):
                    values[name] = value
            for name in bound_names(node):
                self.bound.add(name)
                assigned[name] = assigned.get(name, 0) + 1
        if self.parent is not None and self.is_function:
            for name, value in values.items():
                if assigned.get(name) == 1 and name not in self.parameters and name not in self.globals:
                    target = self.parent.resolve(value) if not self._is_local(value) else None
                    if target is not None:
                        self.aliases[name] = target

    def _derive(self, nodes: Iterable[ast.AST]) -> None:
        known = set(self.parameters_around | self.derived_around)
        binding = [node for node in nodes if isinstance(node, (ast.Assign, ast.For, ast.NamedExpr))]
        for node in sorted(binding, key=lambda item: (item.lineno, item.col_offset)):
            value = node.iter if isinstance(node, ast.For) else node.value
            if any(isinstance(item, ast.Name) and item.id in known for item in ast.walk(value)):
                targets = node.targets if isinstance(node, ast.Assign) else [node.target]
                names = {name for target in targets for item in ast.walk(target) for name in bound_names(item)}
                known |= names
                self.derived |= names

    def _is_local(self, value: ast.expr) -> bool:
        chain = dotted(value)
        return chain is not None and chain.partition(".")[0] in self.bound

    def _import_from(self, node: ast.ImportFrom) -> None:
        try:
            base = absolute_name(node.module or "", self.package, node.level)
        except ValueError:
            return
        for alias in node.names:
            if alias.name == "*":
                self.stars.append(base)
                continue
            self.imports[alias.asname or alias.name] = f"{base}.{alias.name}"
            self.bound.add(alias.asname or alias.name)

    def _bind_first(self, node: ast.FunctionDef | ast.AsyncFunctionDef, first: str) -> None:
        marks = {dotted(item) for item in node.decorator_list}
        if "staticmethod" in marks or self.parent is None:
            return
        is_class = "classmethod" in marks or node.name in ("__init_subclass__", "__class_getitem__", "__new__")
        self.own[first] = OwnClass(self.parent.qualname, through_instance=not is_class)


def walk_body(body: Iterable[ast.AST]) -> Iterator[ast.AST]:
    """Yield the nodes of a scope's own code; of nested functions and classes only the definition itself."""
    stack = list(body)
    while stack:
        node = stack.pop()
        yield node
        if not isinstance(node, _SCOPES):
            stack += children_of(node)


def children_of(node: ast.AST) -> list[ast.AST]:
    """Return the parts of a node that are code, as `ast.iter_child_nodes` but without contexts and operators."""
    found: list[ast.AST] = []
    for name in _code_fields(type(node)):
        value = getattr(node, name, None)
        if type(value) is list:
            found += [item for item in value if isinstance(item, ast.AST)]
        elif isinstance(value, ast.AST):
            found.append(value)
    return found


def _code_fields(kind: type[ast.AST]) -> tuple[str, ...]:
    if kind not in _FIELDS:
        _FIELDS[kind] = tuple(name for name in kind._fields if name not in _NO_CODE)
    return _FIELDS[kind]


def bound_names(node: ast.AST) -> Iterator[str]:
    """Yield the names that one node binds in its scope, imports aside."""
    if type(node) not in _BINDING:
        return
    match node:
        case ast.Name(id=name, ctx=ast.Store() | ast.Del()):
            yield name
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
            yield name
        case ast.ExceptHandler(name=str(name)):
            yield name
        case ast.MatchAs(name=str(name)) | ast.MatchStar(name=str(name)) | ast.MatchMapping(rest=str(name)):
            yield name


def dotted(node: ast.AST) -> str | None:
    """Return `a.b.c` for a chain of names, None for any other expression."""
    return ".".join(chain_of(node)) or None
