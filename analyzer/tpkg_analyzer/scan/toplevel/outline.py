"""A module's top level written down as an outline: what importing it binds, imports, tests, calls and raises.

An outline is a list of steps, each a list that starts with its kind and, mostly, its line. What cannot make an import
fail is folded away: names that earlier steps certainly bound are not looked up again, and functions are only named,
with the lines where they stand. Nothing is evaluated here: an outline depends on the text and the version.
"""

import ast
import builtins
from collections.abc import Callable, Iterable, Sequence
from typing import Any, ClassVar

from tpkg_analyzer.scan.skeleton import Function, Skeleton
from tpkg_analyzer.scan.toplevel.late import late_names
from tpkg_analyzer.scan.toplevel.patterns import names_of_pattern, test_of_pattern
from tpkg_analyzer.scan.toplevel.terms import UNKNOWN_TERM, Term, operator_of, parameters_of, term_of
from tpkg_analyzer.scan.toplevel.uses import (
    Chain,
    annotations_of,
    calls_in,
    decorators_called,
    defaults_of,
    uses_in,
    uses_of,
)
from tpkg_runtime.spec.guards import is_type_checking

Step = list[Any]
Outline = list[Step]

OPEN: Step = ["open"]
"""The step after which nothing certain can be said of the module's names."""

_NOTHING_LEFT_OUT = Skeleton("")
_ALWAYS_THERE = frozenset(dir(builtins)) | {"__file__", "__name__", "__doc__", "__package__", "__spec__", "__loader__"}
_EVALUATED_ANNOTATIONS_END = (3, 14)
_TRY_STAR: Any = getattr(ast, "TryStar", ast.Try)  # since Python 3.11
_FOLDED = frozenset({"names", "def", "use", "calls", "set", "class"})
"""The steps of a class's body that decide nothing about the import."""
_BINDING = (ast.Assign, ast.AnnAssign, ast.Pass, ast.FunctionDef, ast.AsyncFunctionDef)
"""The statements that give no others."""


def outline_of(tree: ast.Module, skeleton: Skeleton, version: tuple[int, int]) -> Outline:
    """Write down the top level of a module for a Python of `version`; `tree` is what was parsed of it."""
    deferred = version >= _EVALUATED_ANNOTATIONS_END or _defers_annotations(tree)
    try:
        late = late_names(tree, skeleton.text, skeleton.whole)
        if late is None:
            steps: Outline = [OPEN]
        else:
            late |= skeleton.late
            steps = [["late", sorted(late)]] if late else []
        return [*steps, *_Writer(with_annotations=not deferred, skeleton=skeleton).block(tree.body, _Scope({}, {}))]
    except RecursionError:
        return [OPEN]


def outline_of_function(node: ast.FunctionDef | ast.AsyncFunctionDef) -> tuple[Term, Outline]:
    """Write down the parameters and the body of a function. Raises RecursionError for one that is nested too deep."""
    writer = _Writer(with_annotations=False, is_function=True)
    return parameters_of(node.args), writer.block(node.body, _Scope({}, {}))


def outline_of_class(node: ast.ClassDef, skeleton: Skeleton) -> Outline:
    """Write down the names in the body of a class, which was parsed from a skeleton, and what is called in it.

    Raises RecursionError for one that is nested too deep.
    """
    writer = _Writer(with_annotations=False, is_class=True, skeleton=skeleton)
    return [step for step in writer.block(node.body, _Scope({}, {})) if step[0] != "use"]


class _Scope:
    """What is certainly bound at a point: each name, with whether its attributes are worth a look."""

    def __init__(self, bound: dict[str, bool], seen: dict[str, frozenset[str | None]]) -> None:
        self.bound = bound
        self.seen = seen
        """What was looked up since it was bound: the attributes of each name, None for the name itself."""

    def inner(self) -> "_Scope":
        return _Scope(self.bound.copy(), self.seen.copy())

    def bind(self, name: str, *, is_plain: bool) -> None:
        self.bound[name] = not is_plain
        self.seen.pop(name, None)

    def see(self, name: str, attributes: Iterable[str | None]) -> None:
        self.seen[name] = self.seen.get(name, frozenset()).union(attributes)


class _Writer:
    def __init__(
        self,
        *,
        with_annotations: bool,
        is_function: bool = False,
        is_class: bool = False,
        skeleton: Skeleton = _NOTHING_LEFT_OUT,
    ) -> None:
        self._with_annotations = with_annotations
        self._functions = skeleton.functions
        self._is_function = is_function
        self._in_class = is_class
        self._is_folding = False
        """Whether nobody will look at what the block binds."""

    def block(self, body: Sequence[ast.stmt], scope: _Scope) -> Outline:
        steps: Outline = []
        for statement in body:
            for step in self._statement(statement, scope):
                if step[0] == "names" and steps and steps[-1][0] == "names":
                    steps[-1][1].extend(step[1])
                else:
                    steps.append(step)
        return steps

    def _statement(self, node: ast.stmt, scope: _Scope) -> Iterable[Step]:
        write = self._KINDS.get(type(node))  # what there is most of
        return self._compound(node, scope) if write is None else write(self, node, scope)

    def _annotated(self, node: ast.AnnAssign, scope: _Scope) -> Iterable[Step]:
        steps = self._looked_up(node.lineno, node.annotation, scope) if self._with_annotations else []
        return steps if node.value is None else [*steps, *self._assign(node.lineno, [node.target], node.value, scope)]

    def _augmented(self, node: ast.AugAssign, scope: _Scope) -> Iterable[Step]:
        step: Step = ["augment", node.lineno, term_of(node.target), operator_of(node.op), term_of(node.value)]
        return [*self._use(node.lineno, uses_of(node.value), scope), step]

    def _compound(self, node: ast.stmt, scope: _Scope) -> Iterable[Step]:
        line = node.lineno
        match node:
            case ast.Try() | _TRY_STAR():
                return [self._try(node, scope)]
            case ast.With(items=items, body=body) | ast.AsyncWith(items=items, body=body):
                entered = [[term_of(item.context_expr), _target(item.optional_vars)] for item in items]
                for item in items:
                    _bind_all(item.optional_vars, scope)
                return [["with", line, entered, self.block(body, scope)]]
            case ast.For(target=target, iter=over, body=body, orelse=otherwise):
                uses = self._use(line, uses_of(over), scope)
                inner = scope.inner()
                _bind_all(target, inner)
                steps = [self.block(body, inner), self.block(otherwise, scope.inner())]
                return [*uses, ["for", line, term_of(target), term_of(over), *steps]]
            case ast.While(test=test, body=body, orelse=otherwise):
                return [
                    [
                        "while",
                        line,
                        term_of(test),
                        self.block(body, scope.inner()),
                        self.block(otherwise, scope.inner()),
                    ]
                ]
            case ast.Raise(exc=exception):
                return [["raise", line, None if exception is None else term_of(exception)]]
            case ast.Assert(test=test):
                return [["assert", line, term_of(test)]]
            case ast.Delete(targets=targets):
                for target in targets:
                    if isinstance(target, ast.Name):
                        scope.bound.pop(target.id, None)
                return [["delete", line, [term_of(target) for target in targets]]]
            case ast.Return(value=value):
                return [["return", line, ["constant", None] if value is None else term_of(value)]]
            case ast.Break() | ast.Continue():
                return [[type(node).__name__.lower()]]
            case ast.Global(names=names):
                return [["global", names]]
            case ast.Nonlocal(names=names):
                return [["nonlocal", names]]
            case ast.Match():
                return self._match(node, scope)
            case _:
                return self._rest(node)

    def _rest(self, node: ast.stmt) -> Iterable[Step]:
        """Write down what is not followed (type aliases): the names that it may bind."""
        names = [
            inner.id for inner in ast.walk(node) if isinstance(inner, ast.Name) and isinstance(inner.ctx, ast.Store)
        ]
        return [["names", names]] if names else []

    def _match(self, node: ast.Match, scope: _Scope) -> Outline:
        """Write a match down as tests in a row; patterns that look inside of objects are not told."""
        subject = term_of(node.subject)
        steps: Outline = []
        for case in reversed(node.cases):
            names = names_of_pattern(case.pattern)
            inner = scope.inner()
            for name in names:
                inner.bind(name, is_plain=False)
            body: Outline = [["names", names]] if names else []
            test = test_of_pattern(case.pattern, subject)
            if case.guard is not None:  # it sees what the pattern binds, and that is not told
                test = ["and", [test, UNKNOWN_TERM if names else term_of(case.guard)]]
            steps = [["if", case.pattern.lineno, test, [*body, *self.block(case.body, inner)], steps]]
        return [*self._use(node.lineno, uses_of(node.subject), scope), *steps]

    def _import(self, line: int, alias: ast.alias, scope: _Scope) -> Step:
        scope.bind(alias.asname or alias.name.partition(".")[0], is_plain=False)
        return ["import", line, alias.name, alias.asname]

    def _import_from(self, node: ast.ImportFrom, scope: _Scope) -> Iterable[Step]:
        if node.module == "__future__" and not node.level:
            bound = [alias.asname or alias.name for alias in node.names]
            for name in bound:
                scope.bind(name, is_plain=True)
            return [["names", bound]]
        if node.names[0].name == "*":
            return [["star", node.lineno, node.module or "", node.level]]
        for alias in node.names:
            scope.bind(alias.asname or alias.name, is_plain=False)
        names = [[alias.name, alias.asname] for alias in node.names]
        return [["from", node.lineno, node.module or "", node.level, names]]

    def _function(self, node: ast.FunctionDef | ast.AsyncFunctionDef, scope: _Scope) -> Iterable[Step]:
        uses = [use for decorator in node.decorator_list for use in uses_of(decorator)]
        defaults = defaults_of(node.args)
        uses.extend(uses_in(defaults))
        calls = calls_in(defaults)
        if self._with_annotations:  # nothing else sees the parameters of a type
            own, annotations = _type_parameters(node), annotations_of(node.args, node.returns)
            uses.extend(use for use in uses_in(annotations) if use[0] not in own)
            calls += calls_in(annotations)
        steps = self._use(node.lineno, uses, scope)
        steps += self._calls(node.lineno, calls, node.decorator_list)
        scope.bind(node.name, is_plain=True)
        decorators = [term_of(decorator) for decorator in node.decorator_list]
        is_async = isinstance(node, ast.AsyncFunctionDef)
        return [*steps, ["def", node.lineno, node.name, node.end_lineno, is_async, decorators]]

    def _all_left_out(self, node: ast.Pass, scope: _Scope) -> Iterable[Step]:
        return [step for item in self._functions.get(node.lineno, ()) for step in self._left_out(item, scope)]

    def _left_out(self, function: Function, scope: _Scope) -> Iterable[Step]:
        name, line, end_line, _, is_async, decorators, signature = function
        uses, calls = signature.defaults, signature.calls
        if self._with_annotations:
            uses, calls = uses + signature.annotations, calls + signature.annotated_calls
        if decorators:
            uses = (*uses_in(decorators), *uses)
        steps = self._use(line, uses, scope) if uses else []
        if calls or decorators:
            steps += self._calls(line, calls, decorators)
        scope.bind(name, is_plain=True)
        if not self._is_folding:
            steps.append(["def", line, name, end_line, is_async, [*map(term_of, decorators)]])
        return steps

    def _class(self, node: ast.ClassDef, scope: _Scope) -> Iterable[Step]:
        uses = [use for decorator in node.decorator_list for use in uses_of(decorator)]
        parameters = _type_parameters(node)
        given = (*node.bases, *(keyword.value for keyword in node.keywords))
        uses.extend(use for expression in given for use in uses_of(expression) if use[0] not in parameters)
        steps = self._use(node.lineno, uses, scope)
        inner = scope.inner()
        for name in parameters:
            inner.bind(name, is_plain=True)
        outside = self._in_class, self._is_folding
        self._in_class, self._is_folding = True, all(map(_is_folded, node.body))
        body = [] if self._is_function else self.block(node.body, inner)
        self._in_class, self._is_folding = outside
        # Names of a class matter to later steps of the same body, and to whoever reads it again for a method.
        if is_folded := all(step[0] in _FOLDED for step in body):
            looked_up = [step for step in body if step[0] in {"use", "calls"}]
            for name, attributes in inner.seen.items():
                if name in scope.bound or name not in inner.bound:
                    scope.see(name, attributes)
            body = []
            steps = [*steps, *looked_up]
        scope.bind(node.name, is_plain=True)
        decorators = [term_of(item) for item in node.decorator_list]
        bases = [
            UNKNOWN_TERM if parameters and any(name in parameters for name, _ in uses_of(base)) else term_of(base)
            for base in node.bases
            if not (isinstance(base, ast.Name) and base.id == "object")
        ]
        # The methods of a class that a function makes see the names of that function, and are not read again.
        is_plain = not (node.keywords or node.decorator_list or self._is_function)
        lines = None if self._is_function else [node.lineno, node.end_lineno]
        metaclass = next((term_of(keyword.value) for keyword in node.keywords if keyword.arg == "metaclass"), None)
        rest = [decorators, is_plain, is_folded, lines, metaclass, "__init_subclass__" in inner.bound]
        return [*steps, ["class", node.lineno, node.name, bases, body, *rest]]

    def _assign(self, line: int, targets: Sequence[ast.expr], value: ast.expr, scope: _Scope) -> Iterable[Step]:
        if self._in_class:  # a class's attributes decide nothing about the module
            steps = [] if isinstance(value, ast.Constant) else self._looked_up(line, value, scope)
            names = [node.id for target in targets for node in _names_in(target)]
            for name in names:
                scope.bind(name, is_plain=True)
            return steps if self._is_folding else [*steps, ["names", names]]
        term = term_of(value)
        steps = self._use(line, uses_of(value), scope) if term[0] in {"?", "text"} else []
        # They all get the same object.
        for target in sorted(targets, key=lambda target: not isinstance(target, ast.Name)):
            steps.append(["set", line, term_of(target), term])
            _bind_all(target, scope)
            term = term_of(target) if isinstance(target, ast.Name) else term
        return steps

    def _looked_up(self, line: int, value: ast.expr, scope: _Scope) -> Outline:
        if isinstance(value, ast.Name):
            return self._use(line, [(value.id, None)], scope)
        return self._use(line, uses_of(value), scope) + self._calls(line, calls_in([value]))

    def _expression(self, line: int, value: ast.expr, scope: _Scope) -> Iterable[Step]:
        if isinstance(value, ast.Constant):
            return []
        term = term_of(value)
        return [["evaluate", line, term]] if term[0] != "?" else self._use(line, uses_of(value), scope)

    def _if(self, node: ast.If, scope: _Scope) -> Iterable[Step]:
        before, after = scope.inner(), scope.inner()
        body = [] if is_type_checking(node.test) else self.block(node.body, before)
        otherwise = self.block(node.orelse, after)
        if not is_type_checking(node.test):
            for name in before.bound.keys() & after.bound.keys():
                scope.bound.setdefault(name, True)
        return [["if", node.lineno, term_of(node.test), body, otherwise]]

    def _try(self, node: ast.Try | Any, scope: _Scope) -> Step:
        inner = scope.inner()
        body = self.block(node.body, inner)
        otherwise = self.block(node.orelse, inner)
        handlers = [
            [
                None if handler.type is None else term_of(handler.type),
                handler.name,
                self.block(handler.body, scope.inner()),
            ]
            for handler in node.handlers
        ]
        return ["try", node.lineno, body, handlers, otherwise, self.block(node.finalbody, scope.inner())]

    def _use(self, line: int, uses: Iterable[tuple[str, str | None]], scope: _Scope) -> Outline:
        """Write down what must be found and is not certain to be: in order, each once."""
        if self._is_function:
            return []
        found: list[list[str | None]] = []
        for name, attribute in uses:
            if attribute in scope.seen.get(name, ()) or (attribute is None and name in scope.bound):
                continue
            if name not in scope.bound and name in _ALWAYS_THERE:
                continue
            if attribute is not None and not scope.bound.get(name, True):
                continue
            scope.see(name, (attribute,))
            found.append([name, attribute])
        return [["use", line, found]] if found else []

    def _calls(self, line: int, calls: Sequence[Chain], decorators: Sequence[ast.expr] = ()) -> Outline:
        """Write down what is called where nobody follows it: for defaults, and in the bodies of classes."""
        if self._is_function or not (calls or (decorators and self._in_class)):
            return []
        chains = list(calls)
        if self._in_class:
            chains += decorators_called(decorators)
        told = [list(chain) for chain in dict.fromkeys(chains) if chain[0] not in _ALWAYS_THERE]
        return [["calls", line, told]] if told else []

    _KINDS: ClassVar[dict[type[ast.stmt], Callable[["_Writer", Any, _Scope], Iterable[Step]]]] = {
        ast.Assign: lambda self, node, scope: self._assign(node.lineno, node.targets, node.value, scope),
        ast.Pass: _all_left_out,
        ast.AnnAssign: _annotated,
        ast.ImportFrom: _import_from,
        ast.ClassDef: _class,
        ast.FunctionDef: _function,
        ast.AsyncFunctionDef: _function,
        ast.Import: lambda self, node, scope: [self._import(node.lineno, alias, scope) for alias in node.names],
        ast.Expr: lambda self, node, scope: self._expression(node.lineno, node.value, scope),
        ast.If: _if,
        ast.AugAssign: _augmented,
    }


def _is_folded(node: ast.stmt) -> bool:
    """Tell whether a statement in the body of a class certainly decides nothing about the import."""
    return isinstance(node, _BINDING) or (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant))


def _target(node: ast.expr | None) -> Term | None:
    return None if node is None else term_of(node)


def _bind_all(target: ast.expr | None, scope: _Scope) -> None:
    for node in _names_in(target) if target is not None else ():
        if isinstance(node.ctx, ast.Store):
            scope.bind(node.id, is_plain=False)


def _type_parameters(node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) -> frozenset[str]:
    """Return the names that a definition makes for itself (PEP 695), which Python knows since 3.12."""
    return frozenset(parameter.name for parameter in getattr(node, "type_params", ()))


def _names_in(target: ast.expr) -> list[ast.Name]:
    if isinstance(target, ast.Name):  # as most are: a walk takes many times as long
        return [target]
    return [node for node in ast.walk(target) if isinstance(node, ast.Name)]


def _defers_annotations(tree: ast.Module) -> bool:
    return any(
        isinstance(node, ast.ImportFrom)
        and node.module == "__future__"
        and any(alias.name == "annotations" for alias in node.names)
        for node in tree.body[:10]
    )
