"""Reads the state of a module from its text, with the standard parser: no tree is kept, and no other file is read."""

import ast
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace

from tpkg_analyzer.rule.names import Names, children_of
from tpkg_analyzer.rule.platforms import answer
from tpkg_analyzer.rule.questions import WORDS
from tpkg_analyzer.rule.state import Change, Holder, ImportCall, ModuleState
from tpkg_analyzer.rule.unreached import unreached
from tpkg_runtime.spec.imports import package_of
from tpkg_runtime.spec.source import Span, split_lines

MUTATORS = frozenset(
    {
        *("add", "append", "appendleft", "clear", "discard", "extend", "extendleft", "insert", "pop", "popitem"),
        *("popleft", "remove", "reverse", "rotate", "setdefault", "sort", "subtract", "update", "move_to_end"),
        *("difference_update", "intersection_update", "symmetric_difference_update", "__setitem__", "__delitem__"),
    }
)
_CONTAINERS = frozenset(
    {
        *("builtins.dict", "builtins.list", "builtins.set", "builtins.bytearray"),
        *("collections.defaultdict", "collections.OrderedDict", "collections.Counter", "collections.deque"),
        *("collections.ChainMap", "weakref.WeakKeyDictionary", "weakref.WeakValueDictionary", "weakref.WeakSet"),
    }
)
_DISPLAYS = (ast.Dict, ast.List, ast.Set, ast.DictComp, ast.ListComp, ast.SetComp)


def read_state(source: str, module: str, is_package: bool, platform: str) -> ModuleState:
    """Return the state of a module where `sys.platform` is `platform`; an empty one where the text does not parse."""
    try:
        tree = ast.parse(source)
        asks = any(word in source for word in WORDS)
        never = unreached(tree, module, is_package) if asks else frozenset()
        return _Reader(tree, source, module, is_package, platform, never).read()
    except (SyntaxError, ValueError, RecursionError):
        return ModuleState(module)


class _Reader:
    def __init__(
        self,
        tree: ast.Module,
        source: str,
        module: str,
        is_package: bool,
        platform: str,
        never: frozenset[ast.AST],
    ) -> None:
        self._platform = platform
        self._never = never
        self._tree = tree
        self._module = module
        self._lines = split_lines(source)
        self._top = Names.of_module(tree, module, package_of(module, is_package))
        self._holders: dict[str, Holder] = {}
        self._bindings: Counter[str] = Counter()
        self._changes: list[Change] = []
        self._calls: list[ImportCall] = []
        self._loggers: list[Span] = []
        self._loads: Counter[str] = Counter()
        self._called_at_import: Counter[str] = Counter()
        self._instance_attributes: set[str] = set()
        self._given_attributes: set[str] = set()
        self._classes: set[str] = set()
        self._defined: dict[str, Span] = {}
        self._condition = ""

    def read(self) -> ModuleState:
        for statement in self._tree.body:
            self._visit(statement, self._top)
        return ModuleState(
            self._module,
            tuple(replace(holder, bindings=self._bindings[name]) for name, holder in self._holders.items()),
            tuple(self._finished(change) for change in self._changes),
            tuple(self._calls),
            tuple(self._top.imports.items()),
            tuple(self._top.stars),
            frozenset(self._top.bound - self._top.imports.keys()),
            frozenset(self._classes),
            frozenset(self._instance_attributes),
            frozenset(self._given_attributes),
            tuple(self._defined.items()),
            tuple(self._loggers),
        )

    def _finished(self, change: Change) -> Change:
        name = change.function
        only_at_import = name.startswith("_") and 0 < self._loads[name] == self._called_at_import[name]
        return replace(change, is_exposed=bool(name) and not only_at_import)

    def _visit(self, node: ast.AST, names: Names) -> None:
        if node in self._never:
            return
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                for decorator in node.decorator_list:
                    self._decorator(decorator, names, f"{names.qualname}.{node.name}".lstrip("."))
                    self._visit(decorator, names)
                for part in (*node.args.defaults, *(item for item in node.args.kw_defaults if item is not None)):
                    self._visit(part, names)
                inner = names.function(node)
                if names.qualname in self._classes:
                    self._defined[inner.qualname] = self._name_span(node)
                for statement in node.body:
                    self._visit(statement, inner)
                return
            case ast.Lambda():
                self._visit(node.body, names.function(node))
                return
            case ast.If(test=test) if (is_true := self._answer(test)) is not None:
                for statement in node.body if is_true else node.orelse:
                    self._visit(statement, names)
                return
            case ast.If(test=test) if not names.qualname_of_function:
                self._visit(test, names)
                outside, text = self._condition, ast.unparse(test)
                for self._condition, branch in ((text, node.body), (f"not ({text})", node.orelse)):
                    for statement in branch:
                        self._visit(statement, names)
                self._condition = outside
                return
            case ast.ClassDef():
                for decorator in node.decorator_list:
                    self._decorator(decorator, names, f"{names.qualname}.{node.name}".lstrip("."))
                for part in (*node.decorator_list, *node.bases, *(item.value for item in node.keywords)):
                    self._visit(part, names)
                inner = names.class_body(node)
                if not names.qualname_of_function:
                    self._classes.add(inner.qualname)
                    self._defined[inner.qualname] = self._name_span(node)
                for statement in node.body:
                    self._visit(statement, inner)
                return
            case ast.Assign(targets=targets, value=value):
                for target in targets:
                    self._assigned(target, node, names, value)
            case ast.AnnAssign(target=target, value=value) if value is not None:
                self._assigned(target, node, names, value)
            case ast.AugAssign(target=target, value=value):
                self._assigned(target, node, names, value, is_augmented=True)
            case ast.Delete(targets=targets):
                for target in targets:
                    self._assigned(target, node, names, None)
            case ast.Call():
                self._call(node, names)
            case ast.Name(id=name, ctx=ast.Load()):
                self._loads[name] += 1
        for child in children_of(node):
            self._visit(child, names)

    def _answer(self, test: ast.expr) -> bool | None:
        return False if _never_runs_at_import(test) else answer(test, self._platform)

    def _decorator(self, decorator: ast.expr, names: Names, decorated: str) -> None:
        called = decorator.func if isinstance(decorator, ast.Call) else decorator
        function = names.resolve(called)
        if function is not None and not names.qualname_of_function:
            self._calls.append(ImportCall(function, self._span(decorator), decorated))

    def _call(self, node: ast.Call, names: Names) -> None:
        at_import = not names.qualname_of_function
        if at_import and (function := names.resolve(node.func)) is not None:
            span = self._span(node)
            if not any(call.span == span for call in self._calls[-3:]):
                self._calls.append(ImportCall(function, span))
        match node:
            case (
                ast.Call(args=[ast.Name(id="__name__")], keywords=[])
                | ast.Call(args=[], keywords=[ast.keyword(arg="name", value=ast.Name(id="__name__"))])
            ) if names.resolve(node.func) == "logging.getLogger" and not names.binds("__name__"):
                self._loggers.append(self._span(node))
            case ast.Call(func=ast.Attribute(value=base, attr=attr)) if attr in MUTATORS:
                self._change(base, node, names, False, *node.args, *(item.value for item in node.keywords))
            case ast.Call(func=ast.Name(id="setattr" | "delattr"), args=[base, ast.Constant(value=str(name)), *rest]):
                self._rebind(base, name, node, names, *rest)
            case ast.Call(func=ast.Name(id=name)) if at_import:
                self._called_at_import[name] += 1

    def _assigned(
        self,
        target: ast.expr,
        node: ast.stmt,
        names: Names,
        value: ast.expr | None,
        *,
        is_augmented: bool = False,
    ) -> None:
        match target:
            case ast.Name(id=name):
                self._bound(name, target, node, names, value, is_augmented)
            case ast.Subscript(value=base, slice=key):
                used = [key] if value is None else [key, value]
                match base:
                    case ast.Call(func=ast.Name(id="globals")) if isinstance(key, ast.Constant):
                        self._record(f"{self._module}.{key.value!s}", node, names, True, used)
                    case _:
                        self._change(base, node, names, False, *used)
            case ast.Attribute(value=base, attr=attr):
                self._rebind(base, attr, node, names, *([value] if value is not None else []))
            case ast.Tuple(elts=parts) | ast.List(elts=parts):
                for part in parts:
                    self._assigned(part, node, names, None)
            case ast.Starred(value=inner):
                self._assigned(inner, node, names, None)

    def _bound(
        self, name: str, target: ast.Name, node: ast.stmt, names: Names, value: ast.expr | None, is_augmented: bool
    ) -> None:
        if names.qualname_of_function:
            if name in names.globals:
                self._record(f"{self._module}.{name}", node, names, True, [value] if value else [])
            return
        qualname = f"{names.qualname}.{name}".lstrip(".")
        if is_augmented:
            return
        self._bindings[qualname] += 1
        if isinstance(node, (ast.Assign, ast.AnnAssign)) and qualname not in self._holders:
            made_by = names.resolve(value.func) if isinstance(value, ast.Call) else None
            is_container = isinstance(value, _DISPLAYS) or made_by in _CONTAINERS
            self._holders[qualname] = Holder(qualname, self._span(target), is_container, 1, made_by)

    def _rebind(self, base: ast.expr, attr: str, node: ast.expr | ast.stmt, names: Names, *used: ast.expr) -> None:
        own = names.own_class(base)
        if own is not None and own.through_instance:
            self._instance_attributes.add(f"{own.name}.{attr}")
            return
        owner = f"{self._module}.{own.name}" if own is not None else names.resolve(base)
        if owner is not None:
            self._record(f"{owner}.{attr}", node, names, True, used, own.name if own is not None else "")
        else:
            self._given_attributes.add(attr)

    def _change(
        self, base: ast.expr, node: ast.expr | ast.stmt, names: Names, rebinding: bool, *used: ast.expr
    ) -> None:
        if isinstance(base, ast.Attribute) and (own := names.own_class(base.value)) is not None:
            target = f"{self._module}.{own.name}.{base.attr}"
            self._record(target, node, names, rebinding, used, own.name, own.through_instance)
            return
        if (target_name := names.resolve(base)) is not None:
            self._record(target_name, node, names, rebinding, used)

    def _record(
        self,
        target: str,
        node: ast.expr | ast.stmt,
        names: Names,
        is_rebinding: bool,
        used: Iterable[ast.expr],
        owner: str = "",
        through_instance: bool = False,
    ) -> None:
        parameters = names.parameters_around
        if names.qualname_of_function.endswith(".__init_subclass__"):
            parameters |= names.own_around  # what it is called for is a subclass, which others hand over
        used = tuple(used)
        value = names.resolve(used[-1]) if is_rebinding and used else None
        loads = {item.id for part in used for item in ast.walk(part) if isinstance(item, ast.Name)}
        self._changes.append(
            Change(
                target,
                is_rebinding,
                self._span(node),
                names.qualname_of_function,
                owner,
                through_instance,
                value,
                is_rebinding and bool(used) and isinstance(used[-1], ast.Constant),
                bool(loads & parameters),
                bool(loads & (parameters | names.derived_around)),
                condition="" if names.qualname_of_function else self._condition,
            )
        )

    def _name_span(self, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) -> Span:
        column = self._lines[node.lineno - 1].find(node.name, self._column(node.lineno, node.col_offset) - 1) + 1
        return Span(node.lineno, column, node.lineno, column + len(node.name)) if column else self._span(node)

    def _span(self, node: ast.expr | ast.stmt) -> Span:
        end_line = node.end_lineno or node.lineno
        end = self._column(end_line, node.end_col_offset or 0)
        return Span(node.lineno, self._column(node.lineno, node.col_offset), end_line, end)

    def _column(self, line: int, offset: int) -> int:
        """Turn the parser's offset, in bytes of UTF-8, into a column."""
        text = self._lines[line - 1]
        return offset + 1 if text.isascii() else len(text.encode()[:offset].decode(errors="replace")) + 1


def _never_runs_at_import(test: ast.expr) -> bool:
    match test:
        case ast.Compare(left=ast.Name(id="__name__")) | ast.Name(id="TYPE_CHECKING"):
            return True
        case ast.Attribute(attr="TYPE_CHECKING"):
            return True
        case _:
            return False
