"""Functions and classes, read from their files when somebody asks for what is in them."""

import ast
import re
import textwrap
from contextlib import suppress

from tpkg_analyzer.scan.skeleton import Part, Skeleton, skeleton_of
from tpkg_analyzer.scan.toplevel.binding import Body
from tpkg_analyzer.scan.toplevel.blocks import names_of_function
from tpkg_analyzer.scan.toplevel.expressions import Frame
from tpkg_analyzer.scan.toplevel.machine import Machine
from tpkg_analyzer.scan.toplevel.outline import Outline, outline_of_class, outline_of_function
from tpkg_analyzer.scan.toplevel.values import Class, Function, Value
from tpkg_analyzer.scan.toplevel.writes import Writes, writes_of_function
from tpkg_analyzer.scan.words import words_of_ascii
from tpkg_analyzer.sources.files import Files
from tpkg_analyzer.sources.recent import Recent
from tpkg_analyzer.sources.text import decode_source

_LONGEST_FUNCTION = 150
_LONGEST_HOOK = 400
"""Lines of a `__getattr__`, which decides what an import statement gets."""
_MOST_TEXTS = 64
_OWN_NAMES = re.compile(r"\b(?:exec|locals|vars)\b")
_WORD = re.compile(r"[^\W\d]\w*")
_UNREADABLE = (OSError, SyntaxError, ValueError, LookupError, RecursionError)
"""What is raised where a text cannot be read as Python."""


class Reading(Machine):
    """The part of a process that reads sources again for what an outline only names."""

    def __init__(self, files: Files, stdlib_names: frozenset[str]) -> None:
        super().__init__()
        self.files = files
        self.stdlib_names = stdlib_names
        self._bodies: dict[tuple[str, int, bool], Body | None] = {}
        self._writes: dict[tuple[str, int], Writes] = {}
        self._words: dict[tuple[str, int], frozenset[str]] = {}
        self._lines: Recent[str, list[str]] = Recent(_MOST_TEXTS)

    def reread(self) -> None:
        """Read functions anew from here on: their files may have changed."""
        self._bodies, self._lines = {}, Recent(_MOST_TEXTS)
        self._writes, self._words, self._effects = {}, {}, {}

    def body_of(self, function: Function) -> Body | None:
        """Read a function's body from its file the first time it is called; None for what is not followed."""
        if function.expression is not None:
            return Body(function.parameters or [[], [], None, None, {}], [])
        location = function.module.location
        first, last = function.lines
        longest = _LONGEST_HOOK if function.name == "__getattr__" else _LONGEST_FUNCTION
        if function.is_async or location is None or location.path is None or last - first > longest:
            return None
        key = (location.path, first, function.is_context)
        if key not in self._bodies:
            self._bodies[key] = self._read_body(location.path, first, last, function.is_context)
        return self._bodies[key]

    def writes_of(self, function: Function) -> Writes:
        """Return what a function may change: nothing is told of one that cannot be read."""
        location = function.module.location
        if location is None or location.path is None:
            return Writes()
        key = location.path, function.lines[0]
        if key not in self._writes:
            node = self._statement_at(location.path, *function.lines)
            self._writes[key] = Writes()
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                self._writes[key] = writes_of_function(node)
        return self._writes[key]

    def words_of(self, function: Function) -> frozenset[str]:
        """Return the words in the text of a function, none for one of the standard library or without a source."""
        location, (first, last) = function.module.location, function.lines
        is_standard = function.module.name.partition(".")[0] in self.stdlib_names
        if location is None or location.path is None or is_standard:
            return frozenset()
        key = location.path, first
        if key not in self._words:
            self._words[key] = frozenset()
            with suppress(*_UNREADABLE):
                text = "\n".join(self._lines_of(location.path)[first - 1 : last])
                self._words[key] = words_of_ascii(text) if text.isascii() else frozenset(_WORD.findall(text))
        return self._words[key]

    def members_of(self, cls: Class) -> dict[str, Value]:
        """Return the names in a class's body, which is read from its file when somebody asks for the first time."""
        if cls.is_read or cls.lines is None or cls.module is None:
            return cls.names
        (first, last), cls.is_read = cls.lines, True
        path = cls.module.location.path if cls.module.location is not None else None
        read = self._read_class(path, first, last) if path is not None else None
        if read is None:
            cls.is_plain = False
            return cls.names
        body, cls.is_listed = read
        names: dict[str, Value] = {}
        with suppress(RecursionError):
            self.run(body, Frame(cls.module, names, None, "class", self.uncertain))
        for value in names.values():
            if isinstance(value, Function):
                value.defined_at = cls.defined_at
        cls.names = {**names, **cls.names}
        return cls.names

    def _lines_of(self, path: str) -> list[str]:
        if path not in self._lines:
            self._lines[path] = decode_source(self.files.read(path)).split("\n")
        return self._lines[path]

    def _read_body(self, path: str, first: int, last: int, may_yield: bool) -> Body | None:
        node = self._statement_at(path, first, last)
        if not isinstance(node, ast.FunctionDef):
            return None
        may_yield = may_yield or not any("yield" in line for line in self._lines_of(path)[first - 1 : last])
        if not may_yield and _is_generator(node):
            return None
        try:
            parameters, steps = outline_of_function(node)
        except RecursionError:
            return None
        return Body(parameters, steps, names_of_function(steps))

    def _text_at(self, path: str, first: int, last: int) -> str:
        """Return lines of a file at their places below blank ones. Raises what reading a source raises."""
        text = "\n".join((*self._lines_of(path)[first - 1 : last], ""))
        return "\n" * (first - 1) + (textwrap.dedent(text) if text.startswith((" ", "\t")) else text)

    def _statement_at(self, path: str, first: int, last: int) -> ast.stmt | None:
        with suppress(*_UNREADABLE):
            return ast.parse(self._text_at(path, first, last)).body[0]
        return None  # the file has changed since its facts were read, or cannot be cut like this

    def _read_class(self, path: str, first: int, last: int) -> tuple[Outline, bool] | None:
        """Write down a class without its methods, with them where they cannot be left out; None as above.

        Tell as well whether its body certainly binds nothing else: it calls nothing that may do so.
        """
        with suppress(*_UNREADABLE):
            source = self._text_at(path, first, last)
            for skeleton in (skeleton_of(source, Part.TOP_LEVEL), Skeleton(source)):
                with suppress(SyntaxError):
                    node = ast.parse(skeleton.text).body[0] if skeleton is not None else None
                    if skeleton is not None and isinstance(node, ast.ClassDef):
                        steps = outline_of_class(node, skeleton)
                        body = [step for step in steps if step[0] != "calls"]
                        return body, len(body) == len(steps) and _OWN_NAMES.search(skeleton.text) is None
        return None


def _is_generator(node: ast.FunctionDef) -> bool:
    stack: list[ast.AST] = list(node.body)
    while stack:
        inner = stack.pop()
        if isinstance(inner, (ast.Yield, ast.YieldFrom)):
            return True
        if not isinstance(inner, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)):
            stack.extend(ast.iter_child_nodes(inner))
    return False
