"""Sources as the interpreter reads them: trees with places, by the name of the module."""

import ast
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from tpkg_analyzer.model.package import Place, Unknown
from tpkg_analyzer.scan.environment import StaticEnvironment
from tpkg_analyzer.sources.text import decode_source
from tpkg_runtime.spec.imports import package_of, resolve
from tpkg_runtime.spec.source import Span, split_lines

_LONGEST_EXPRESSION = 80
# What the interpreter knows by name; its sources would lead far and say no more.
_KNOWN_BY_NAME = ("torch", "tpkg_runtime", "numpy")
_TORCH_CLASSES = ("torch.nn",)
_NOT_CLASSES = ("torch.nn.functional", "torch.nn.init", "torch.nn.parameter", "torch.nn.modules.module")


@dataclass(eq=False)
class SourceModule:
    """A parsed file. `binding` holds the statements at top level that give or change the value of each name."""

    name: str
    path: Path
    is_package: bool
    tree: ast.Module
    lines: list[str]
    is_first_party: bool = True
    binding: dict[str, list[ast.stmt]] = field(default_factory=dict)
    stars: list[str] = field(default_factory=list)
    _unknown: dict[ast.AST, Unknown] = field(default_factory=dict)
    """What was asked for: a loop asks for the same nodes in every round, and writing one anew takes long."""
    _places: dict[ast.AST, Place] = field(default_factory=dict)

    @property
    def package(self) -> str:
        """Return what relative imports start from."""
        return package_of(self.name, self.is_package)

    @cached_property
    def named_after(self) -> list[tuple[str, str]]:
        """The names that imports, classes and assignments anywhere in it give, each with the name it is made from."""
        return [pair for node in ast.walk(self.tree) for pair in _named_after(node)]

    @cached_property
    def tests_what_is_raised(self) -> bool:
        """Whether it has words with which tests say that something raises."""
        return any("raises(" in line or "assertRaises" in line for line in self.lines)

    def span(self, node: ast.AST) -> Span:
        """Return where a node stands, in code points."""
        line, end_line = getattr(node, "lineno", 1), getattr(node, "end_lineno", None) or 1
        start, end = getattr(node, "col_offset", 0), getattr(node, "end_col_offset", None) or 0
        return Span(line, self._column(line, start), end_line, self._column(end_line, end))

    def place(self, node: ast.AST) -> Place:
        """Return the place of a node."""
        if node not in self._places:
            self._places[node] = Place(self.path, self.span(node))
        return self._places[node]

    def unknown(self, node: ast.AST) -> Unknown:
        """Return the expression that could not be evaluated."""
        if node not in self._unknown:
            self._unknown[node] = self._written(node)
        return self._unknown[node]

    def _written(self, node: ast.AST) -> Unknown:
        try:
            text = " ".join(ast.unparse(node).split())
        except RecursionError:  # too deep to be written anew: its beginning as it stands
            span = self.span(node)
            text = self.lines[span.line - 1][span.column - 1 :] + "…"
        shown = text if len(text) <= _LONGEST_EXPRESSION else text[: _LONGEST_EXPRESSION - 1] + "…"
        return Unknown(self.path, self.span(node), shown)

    def _column(self, line: int, offset: int) -> int:
        text = self.lines[line - 1] if line <= len(self.lines) else ""
        if text.isascii():
            return offset + 1
        return len(text.encode()[:offset].decode(errors="ignore")) + 1


class Code:
    """Parses each module once; None for what has no source that parses."""

    def __init__(
        self,
        environment: StaticEnvironment,
        root: Path,
        *,
        without_libraries: bool = False,
    ) -> None:
        self.environment = environment
        self._root = root
        self._without_libraries = without_libraries
        self._known: dict[str, SourceModule | None] = {}
        self._trees: dict[str, ast.Module | None] = {}
        self.library_bytes = 0
        """How much source of libraries has been parsed."""

    def module(self, name: str) -> SourceModule | None:
        """Return the module of a dotted name."""
        if name not in self._known and self._is_known_by_name(name):
            self._known[name] = None
        if name not in self._known:
            location = self.environment.locate(name)
            path = location.path if location is not None else None
            is_source = path is not None and path.endswith(".py")
            if location is not None and self._without_libraries and not location.is_first_party:
                is_source = False
            self._known[name] = (
                self._parse(name, Path(path), location.is_package, location.is_first_party)
                if location is not None and path is not None and is_source
                else None
            )
        return self._known[name]

    def own_module(self, name: str) -> SourceModule | None:
        """Return a module if it is one of the project."""
        location = self.environment.locate(name)
        return self.module(name) if location is not None and location.is_first_party else None

    def file(self, path: Path, name: str, is_package: bool) -> SourceModule | None:
        """Return the module of a file that is run as it is, wherever it stands."""
        known = self.module(name)
        if known is None or known.path != path:
            known = self._known[name] = self._parse(name, path, is_package, is_first_party=True)
        return known

    def without_libraries(self) -> "Code":
        """Return the same, with the sources of the project alone."""
        return Code(self.environment, self._root, without_libraries=True)

    def mentions(self, word: str, imported: Iterable[str]) -> bool:
        """Tell whether a word stands in a text of the project that was read so far, or that the imported ones bring."""
        texts = (module.lines for module in self._known.values() if module is not None and module.is_first_party)
        return any(word in line for lines in texts for line in lines) or any(
            word in self.environment.words(name) for name in self._brought(imported)
        )

    def _brought(self, imported: Iterable[str]) -> Iterator[str]:
        """Yield the modules of the project that are imported with some, these included."""
        waiting, seen = list(imported), set[str]()
        while waiting:
            name = waiting.pop()
            if name in seen or self._is_known_by_name(name):
                continue
            seen.add(name)
            waiting += [name.rpartition(".")[0]] if "." in name else []
            location = self.environment.locate(name)
            if location is None or not location.is_first_party:
                continue
            yield name
            facts = self.environment.facts(name)
            with suppress(ValueError):
                for item in resolve(facts.imports if facts else (), package_of(name, location.is_package)):
                    waiting += [item.module, *([f"{item.module}.{item.name}"] if item.name else [])]

    def exists(self, name: str) -> bool:
        """Tell whether a module can be imported."""
        return self.environment.exists(name)

    def tree(self, name: str) -> ast.Module | None:
        """Return the syntax of a module that is known by name, None where it has no source."""
        if name not in self._trees:
            location = self.environment.locate(name)
            path = location.path if location is not None else None
            is_source = path is not None and path.endswith(".py")
            source = self._source(Path(path)) if path is not None and is_source else None
            self._trees[name] = source[0] if source is not None else None
        return self._trees[name]

    def stub(self, package: str, file: str) -> str:
        """Return the text of a file beside the sources of a package, nothing where it cannot be read."""
        location = self.environment.locate(package)
        if location is None or location.path is None:
            return ""
        try:
            return self.environment.read(str(Path(location.path).parent / file)).decode(errors="replace")
        except OSError:
            return ""

    def text(self, path: str) -> str | None:
        """Return the text of a source file, by a path that may start from the project's root; None without one."""
        try:
            return decode_source(self.environment.read(str(self._root / path)))
        except (OSError, SyntaxError, ValueError, LookupError):
            return None

    def _source(self, path: Path) -> tuple[ast.Module, str] | None:
        try:
            source = decode_source(self.environment.read(str(path)))
            return ast.parse(source), source
        except (OSError, SyntaxError, ValueError, RecursionError, MemoryError, LookupError):
            return None

    def _is_known_by_name(self, name: str) -> bool:
        top = name.partition(".")[0]
        if name.startswith(_TORCH_CLASSES):
            return name in _NOT_CLASSES
        return top in _KNOWN_BY_NAME or top in self.environment.interpreter.stdlib_names

    def _parse(self, name: str, path: Path, is_package: bool, is_first_party: bool) -> SourceModule | None:
        parsed = self._source(path)
        if parsed is None:
            return None
        tree, source = parsed
        self.library_bytes += 0 if is_first_party else len(source)
        module = SourceModule(name, path, is_package, tree, split_lines(source), is_first_party)
        binding: dict[str, list[ast.stmt]] = defaultdict(list)
        for statement in tree.body:
            for touched in dict.fromkeys((*_touched(statement), *_touched_by_call(statement, tree))):
                if touched.startswith("*"):
                    module.stars.append(touched[1:])
                else:
                    binding[touched].append(statement)
        module.binding = dict(binding)
        return module


def _touched_by_call(statement: ast.stmt, tree: ast.Module) -> Iterator[str]:
    """Yield the names that a function of the module touches, where the statement calls it."""
    match statement:
        case ast.Expr(value=ast.Call(func=ast.Name(id=name))):
            for other in tree.body:
                if isinstance(other, ast.FunctionDef) and other.name == name:
                    for inner in other.body:
                        yield from _touched(inner)
        case _:
            return


def _touched(statement: ast.stmt) -> Iterator[str]:
    """Yield the names that a statement binds or whose objects it changes."""
    stack: list[ast.AST] = [statement]
    while stack:
        node = stack.pop()
        match node:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                yield name
                continue
            case ast.Import(names=names):
                yield from (alias.asname or alias.name.partition(".")[0] for alias in names)
            case ast.ImportFrom(module=module, names=names, level=level):
                for alias in names:
                    yield "*" + "." * level + (module or "") if alias.name == "*" else alias.asname or alias.name
            case ast.Name(id=name, ctx=ast.Store() | ast.Del()):
                yield name
            case ast.Subscript(ctx=ast.Store() | ast.Del()) | ast.Attribute(ctx=ast.Store() | ast.Del()):
                yield from _owner(node)
            case ast.Expr(value=ast.Call(func=ast.Attribute() as method)):
                yield from _owner(method)
            case ast.Expr(value=ast.Call(func=ast.Name(id="setattr" | "delattr"), args=[first, *_])):
                yield from _owner(first)
            case ast.Lambda() | ast.ListComp() | ast.SetComp() | ast.DictComp() | ast.GeneratorExp():
                continue
            case _:
                pass
        stack.extend(reversed(list(ast.iter_child_nodes(node))))


def _owner(node: ast.AST) -> Iterator[str]:
    """Yield the name that a chain of attributes, items and calls starts from, if it starts from one."""
    while not isinstance(node, ast.Name):
        if isinstance(node, ast.Call):
            node = node.func
        elif isinstance(node, ast.Attribute | ast.Subscript):
            node = node.value
        else:
            return
    yield node.id


def _named_after(node: ast.AST) -> Iterator[tuple[str, str]]:
    match node:
        case ast.ImportFrom(names=aliases):
            yield from ((alias.asname, alias.name) for alias in aliases if alias.asname)
        case ast.ClassDef(name=name, bases=bases):
            yield from ((name, last_name(base)) for base in bases)
        case (
            ast.Assign(targets=[ast.Name(id=name)], value=value)
            | ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value)
        ):
            yield from ((name, origin) for origin in standing_for(value))
        case _:
            pass


def standing_for(value: ast.expr) -> Iterator[str]:
    """Yield the names of what a value may be, hold, or call when it is called."""
    match value:
        case ast.IfExp(body=body, orelse=orelse):
            parts = [body, orelse]
        case ast.BoolOp(values=parts) | ast.List(elts=parts) | ast.Tuple(elts=parts) | ast.Dict(values=parts):
            pass
        case ast.Call(func=function, args=[first, *_]) if last_name(function) == "partial":
            parts = [first]
        case ast.Lambda(body=ast.Call(func=function)):
            parts = [function]
        case _:
            yield last_name(value)
            return
    for part in parts:
        yield from standing_for(part)


def last_name(node: ast.AST) -> str:
    """Return the last part of a dotted name, "" for what is none."""
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
        case _:
            return ""
