"""Code that no package runs: what stands behind a question whether it is in one, and is for the host."""

import ast
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from tpkg_analyzer.rule.names import Names, bound_names, children_of, walk_body
from tpkg_analyzer.rule.questions import IMPORTER, MARK, Known, Surroundings, Value, truth, value_inside
from tpkg_runtime.spec.guards import names_import_error, suppresses_import_error
from tpkg_runtime.spec.imports import package_of
from tpkg_runtime.spec.source import Span, first_line, split_lines

_DEPTH = 4
_TRY_STAR: Any = getattr(ast, "TryStar", ast.Try)  # since Python 3.11
_EVERYTHING = ("Exception", "BaseException")
_COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)


@dataclass(frozen=True, slots=True)
class Defined:
    """Where a full dotted name is defined: the source of that module, and the name in it."""

    source: str
    module: str
    is_package: bool
    name: str


Home: TypeAlias = Callable[[str], Defined | None]
"""Gives the home of what a module of the package imports, None where that is not known to be in the package."""


def unreached(tree: ast.Module, module: str, is_package: bool, home: Home = lambda _: None) -> frozenset[ast.AST]:
    """Return the statements and expressions that never run in a package, without what is below them."""
    walk = _Walk(home)
    walk.module(tree, module, is_package)
    while walk.later:
        walk.body(*walk.later.pop(0))
    return frozenset(walk.unreached)


def unreached_spans(source: str, module: str, is_package: bool, home: Home = lambda _: None) -> tuple[Span, ...]:
    """Return the places of that code; none in a text that does not parse."""
    try:
        tree = ast.parse(source)
        found = unreached(tree, module, is_package, home)
    except (SyntaxError, ValueError, RecursionError):
        return ()
    lines = split_lines(source)
    return tuple(sorted(_span(node, lines) for node in found))


@dataclass(frozen=True, slots=True)
class _Imported:
    """A value that is asked for only where a question depends on it."""

    target: str


@dataclass(slots=True, eq=False)
class _Scope:
    """A scope with the values that its variables have in a package at this point."""

    names: Names
    parent: "_Scope | None" = None
    values: dict[str, "Value | _Imported"] = field(default_factory=dict)
    returned: list[Value] = field(default_factory=list)

    def variable(self, name: str) -> "Value | _Imported":
        scope: _Scope | None = self
        while scope is not None:
            if name in scope.names.globals:
                scope = scope.top
            if name in scope.names.bound and not (scope.names.is_class and scope is not self):
                return scope.values.get(name)
            scope = scope.parent
        return None

    @property
    def top(self) -> "_Scope":
        return self if self.parent is None else self.parent.top


class _Walk:
    """Goes through a module as a package runs it: first the top level, then what that defines."""

    def __init__(self, home: Home, above: "_Walk | None" = None) -> None:
        self._home = home
        self._changed: set[str] = above._changed if above is not None else set()
        self._scopes: dict[ast.AST, _Scope] = above._scopes if above is not None else {}
        self._results: dict[ast.AST, Value] = above._results if above is not None else {}
        self._answered: set[ast.AST] = above._answered if above is not None else set()
        """The functions that are defined below a question."""
        self._depth: int = above._depth + 1 if above is not None else 0
        self._n_answers = 0
        """Below how many questions whose answer is known the walk is: only there, a constant tells of the package."""
        self.unreached: set[ast.AST] = set()
        self.later: list[tuple[ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda, _Scope]] = []

    def module(self, tree: ast.Module, module: str, is_package: bool) -> _Scope:
        """Go through the top level of a module."""
        scope = _Scope(Names.of_module(tree, module, package_of(module, is_package)))
        declared = (node for node in ast.walk(tree) if isinstance(node, (ast.Global, ast.Nonlocal)))
        self._changed.update(name for node in declared for name in node.names)
        self.block(tree.body, scope)
        return scope

    def body(self, function: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda, around: _Scope) -> _Scope:
        """Go through a function; what it returns is in its scope."""
        inner = _Scope(around.names.function(function), around)
        self._n_answers += function in self._answered
        if isinstance(function, ast.Lambda):
            self._expression(function.body, inner)
        elif not self.block(function.body, inner):
            inner.returned.append(None)
        self._n_answers -= function in self._answered
        return inner

    def block(self, statements: list[ast.stmt], scope: _Scope) -> bool:
        """Go through statements, and tell whether they certainly do not come to their end."""
        for index, statement in enumerate(statements):
            if self._statement(statement, scope):
                self.unreached.update(statements[index + 1 :])
                return True
        return False

    def _statement(self, node: ast.stmt, scope: _Scope) -> bool:
        match node:
            case ast.If(test=test):
                self._expression(test, scope)
                answer = truth(self._value(test, scope))
                self._forget([test], scope)
                return self._if(node, answer, scope)
            case ast.Try():
                return self._try(node, scope)
            case ast.With(items=items, body=body):
                self._head(node, scope)
                self._forget(items, scope)
                asks = suppresses_import_error(node) and _asks(body) == "ImportError"
                leaves = self.block(body, scope)
                if not asks:
                    self._forget(body, scope)
                return leaves and asks
            case ast.For() | ast.AsyncFor() | ast.While() | ast.Match() | ast.AsyncWith() | _TRY_STAR():
                self._forget([node], scope)
                self._head(node, scope)
                for block in _blocks(node):
                    self.block(block, scope)
                self._forget([node], scope)
                return False
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                for part in (*node.decorator_list, *node.args.defaults, *filter(None, node.args.kw_defaults)):
                    self._expression(part, scope)
                value = node if isinstance(node, ast.FunctionDef) and not node.decorator_list else None
                self._set(node.name, value, scope)
                self._scopes[node] = scope
                if self._n_answers:
                    self._answered.add(node)
                self.later.append((node, scope))
                return False
            case ast.ClassDef(body=body):
                self.block(body, _Scope(scope.names.class_body(node), scope))
                self._set(node.name, None, scope)
                return False
            case ast.Assert(test=test):
                answer = truth(self._value(test, scope))
                self._forget([test], scope)
                return answer is False
            case (
                ast.Assign(targets=[ast.Name(id=name)], value=value)
                | ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value)
            ):
                self._expression(value, scope)
                said = self._told(value, scope)
                self._forget([value], scope)
                self._set(name, said, scope)
                return False
            case ast.Import(names=aliases):
                for alias in aliases:
                    bound = alias.asname or alias.name.partition(".")[0]
                    self._set(bound, Known.THING if alias.name == IMPORTER else None, scope)
                return False
            case ast.ImportFrom(names=[ast.alias(name="*")]):
                scope.values.clear()
                return False
            case ast.ImportFrom(names=aliases):
                for alias in aliases:
                    bound = alias.asname or alias.name
                    target = scope.names.imports.get(bound)
                    self._set(bound, _Imported(target) if target is not None else None, scope)
                return False
            case ast.Return(value=value):
                scope.returned.append(self._told(value, scope) if value is not None else None)
        for child in children_of(node):
            self._expression(child, scope)
        self._forget([node], scope)
        return isinstance(node, (ast.Return, ast.Raise, ast.Continue, ast.Break))

    def _if(self, node: ast.If, answer: bool | None, scope: _Scope) -> bool:
        if answer is not None:
            self.unreached.update(node.orelse if answer else node.body)
            self._n_answers += 1
            leaves = self.block(node.body if answer else node.orelse, scope)
            self._n_answers -= 1
            return leaves
        before = dict(scope.values)
        leaves = self.block(node.body, scope)
        scope.values = before
        leaves = self.block(node.orelse, scope) and leaves
        self._forget([node], scope)
        return leaves

    def _try(self, node: ast.Try, scope: _Scope) -> bool:
        """Go through a try statement; where its body asks, the handlers of the answer that the host gives never run."""
        asked = _asks(node.body)
        is_alone = all(map(_cannot_raise, node.body[1:]))
        never = [item for item in node.handlers if asked is not None and _is_for_host(item, asked, is_alone)]
        self.unreached.update(statement for handler in never for statement in handler.body)
        self._n_answers += bool(never)
        leaves = self.block(node.body, scope) or self.block(node.orelse, scope)
        self._n_answers -= bool(never)
        if not never:
            self._forget([*node.body, *node.orelse], scope)
        for handler in node.handlers:
            if handler not in never:
                scope.values.pop(handler.name or "", None)
                leaves = self.block(handler.body, scope) and leaves
                self._forget(handler.body, scope)
        return self.block(node.finalbody, scope) or leaves

    def _head(self, node: ast.stmt, scope: _Scope) -> None:
        for child in children_of(node):
            if isinstance(child, (ast.expr, ast.withitem)):
                self._expression(child, scope)

    def _expression(self, node: ast.AST, scope: _Scope, *, is_comprehension: bool = False) -> None:
        match node:
            case ast.Lambda():
                self.later.append((node, scope))
                return
            case ast.IfExp(test=test, body=body, orelse=other):
                answer = truth(self._value(test, scope, is_comprehension))
                if answer is not None:
                    self.unreached.add(other if answer else body)
            case ast.BoolOp(op=sign, values=parts):
                for index, part in enumerate(parts):
                    if truth(self._value(part, scope, is_comprehension)) is isinstance(sign, ast.Or):
                        self.unreached.update(parts[index + 1 :])
                        break
        inner = is_comprehension or isinstance(node, _COMPREHENSIONS)
        for child in children_of(node):
            self._expression(child, scope, is_comprehension=inner)

    def _value(self, node: ast.expr, scope: _Scope, is_comprehension: bool = False) -> Value:
        def variable(name: str) -> Value:
            value = scope.variable(name)
            return self._imported(value.target) if isinstance(value, _Imported) else value

        return value_inside(node, Surroundings(scope.names, variable, self._result, is_comprehension))

    def _told(self, node: ast.expr, scope: _Scope) -> Value:
        """Return the value of an expression that a name gets, or a caller: constants are often changed later."""
        return None if isinstance(node, ast.Constant) and not self._n_answers else self._value(node, scope)

    def _imported(self, target: str) -> Value:
        """Return what another module of the package has under a name."""
        found = self._home(target) if self._depth < _DEPTH else None
        if found is None:
            return None
        walk = _Walk(self._home, self)
        value = walk.module(ast.parse(found.source), found.module, found.is_package).variable(found.name)
        return walk._imported(value.target) if isinstance(value, _Imported) else value

    def _result(self, function: ast.FunctionDef) -> Value:
        """Return what a call gives, if all that the function returns is the same."""
        if self._depth == _DEPTH or any(
            isinstance(node, (ast.Yield, ast.YieldFrom)) for node in walk_body(function.body)
        ):
            return None
        if function not in self._results:
            self._results[function] = None  # while it is gone through
            walk = _Walk(self._home, self)
            values = {*walk.body(function, self._scopes[function]).returned}
            self._results[function] = values.pop() if len(values) == 1 else None
        return self._results[function]

    def _set(self, name: str, value: "Value | _Imported", scope: _Scope) -> None:
        scope.values[name] = None if name in self._changed else value

    def _forget(self, nodes: Iterable[ast.AST], scope: _Scope) -> None:
        for node in walk_body(nodes):
            bound = [*bound_names(node)]
            if isinstance(node, (ast.Import, ast.ImportFrom)):
                bound += [alias.asname or alias.name.partition(".")[0] for alias in node.names]
            for name in bound:
                scope.values.pop(name, None)


def _asks(body: list[ast.stmt]) -> str | None:
    """Return the exception that the first of statements raises outside of packages only, if it asks in that way."""
    match body[0]:
        case ast.Import(names=[ast.alias(name=name)]) if name == IMPORTER:
            return "ImportError"
        case ast.ImportFrom(module=module, level=0) if module == IMPORTER:
            return "ImportError"
        case ast.Expr(value=ast.Name(id=name)) | ast.Assign(value=ast.Name(id=name)) if name == MARK:
            return "NameError"
        case ast.Return(value=ast.Name(id=name)) if name == MARK:
            return "NameError"
    return None


def _cannot_raise(statement: ast.stmt) -> bool:
    match statement:
        case ast.Assign(targets=[ast.Name()], value=ast.Constant() | ast.Name()) | ast.Pass():
            return True
        case ast.Return(value=None | ast.Constant() | ast.Name()):
            return True
    return False


def _is_for_host(handler: ast.ExceptHandler, asked: str, is_alone: bool) -> bool:
    """Tell whether a handler catches the exception by which the host answers, and none of what else may raise."""
    names = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    if any(name is None or (isinstance(name, ast.Name) and name.id in _EVERYTHING) for name in names):
        return is_alone
    if asked == "ImportError" and handler.type is not None:
        return names_import_error(handler.type)
    return any(isinstance(name, ast.Name) and name.id == asked for name in names)


def _blocks(node: ast.stmt) -> Iterator[list[ast.stmt]]:
    """Yield the blocks of a compound statement."""
    parts = [node, *getattr(node, "handlers", ()), *getattr(node, "cases", ())]
    for part in parts:
        for name in ("body", "orelse", "finalbody"):
            if block := getattr(part, name, None):
                yield block


def _span(node: ast.AST, lines: list[str]) -> Span:
    assert isinstance(node, (ast.stmt, ast.expr))
    line = first_line(node) if isinstance(node, ast.stmt) else node.lineno
    end = node.end_lineno or node.lineno
    column = node.col_offset if line == node.lineno else 0
    return Span(line, _column(lines[line - 1], column), end, _column(lines[end - 1], node.end_col_offset or 0))


def _column(text: str, offset: int) -> int:
    """Turn the parser's offset, in bytes of UTF-8, into a column."""
    return offset + 1 if text.isascii() else len(text.encode()[:offset].decode(errors="replace")) + 1
