"""What is found past the path: what finders serve that modules have installed, what compiled code makes, functions."""

import ast
import os
import re
import textwrap
from collections.abc import Callable
from contextlib import suppress

from tpkg_analyzer.scan.facts import TopLevel
from tpkg_analyzer.scan.known import Known
from tpkg_analyzer.scan.resolver import Location, ModuleKind
from tpkg_analyzer.scan.skeleton import Part, Skeleton, skeleton_of
from tpkg_analyzer.scan.toplevel.expressions import Frame
from tpkg_analyzer.scan.toplevel.machine import Machine
from tpkg_analyzer.scan.toplevel.outline import Outline, outline_of_class, outline_of_function
from tpkg_analyzer.scan.toplevel.record import Record
from tpkg_analyzer.scan.toplevel.values import (
    UNKNOWN,
    Class,
    Function,
    GaveUpError,
    Instance,
    Module,
    RaisedError,
    Value,
    is_caught_by,
)
from tpkg_analyzer.scan.toplevel.writes import Writes, writes_of_function
from tpkg_analyzer.scan.words import words_of_ascii
from tpkg_analyzer.sources.files import Files
from tpkg_analyzer.sources.recent import Recent
from tpkg_analyzer.sources.text import decode_source

COMPILED = frozenset({ModuleKind.EXTENSION, ModuleKind.MADE})
"""Modules of which there is no Python source."""

_LONGEST_FUNCTION = 150
_STEPS_PER_QUESTION = 2_000
_STEPS_PER_HOOK = 1_000
_MOST_TEXTS = 64
_PYO3 = b"pyo3_runtime"
"""The module that each extension by PyO3 names in its exception for a panic."""
_WORD = re.compile(r"[^\W\d]\w*")
_UNREADABLE = (OSError, SyntaxError, ValueError, LookupError, RecursionError)
"""What is raised where a text cannot be read as Python."""


class Finding(Machine):
    """The part of a process that looks where no finder of Python's own does."""

    def __init__(
        self,
        files: Files,
        known: Known,
        facts: Callable[[Location], TopLevel | None],
        modules: dict[str, Value],
        stdlib_names: frozenset[str],
    ) -> None:
        super().__init__()
        self.stdlib_names = stdlib_names
        self.files = files
        self.known = known
        self.modules = modules
        self.running: list[str] = []
        """The modules whose imports have begun and not ended."""
        self.failed: dict[str, Location] = {}
        """Where the modules are whose imports have failed."""
        self.untold: list[tuple[str, str, str]] = []
        """The names that modules import from objects in the place of packages: who, from where, what."""
        self._facts = facts
        self.finders: set[str] = set()
        """The modules during whose imports something was put on `sys.meta_path`."""
        self.finder_objects: list[Instance] = []
        """What was put there."""
        self.filled: set[str] = set()
        """The modules that a loader written in Python has filled, as far as it was followed to its end."""
        self._asking: set[str] = set()
        self._answered: tuple[str, int, Value] = ("", 0, None)
        """The last name that the finders were asked for, with how many modules there were, and the answer."""
        self._unclear: set[tuple[Instance, str]] = set()
        """The questions that a finder has answered in a way that cannot be followed: it is not asked again."""
        self._refused: set[tuple[Instance, str]] = set()
        """The names that a finder certainly does not serve, whatever is imported meanwhile."""
        self.n_looks = 0
        """How often something has looked at what is imported, or where a module is."""
        self._missing: dict[str, tuple[Value, ...]] = {}
        """Names below modules that are no packages, which no finder had, each with what that rested on."""
        self._bodies: dict[tuple[str, int, bool], tuple[list[Value], Outline] | None] = {}
        self._writes: dict[tuple[str, int], Writes] = {}
        self._words: dict[tuple[str, int], frozenset[str]] = {}
        self._lines: Recent[str, list[str]] = Recent(_MOST_TEXTS)

    def reread(self) -> None:
        """Read functions anew from here on: their files may have changed."""
        self._bodies, self._lines = {}, Recent(_MOST_TEXTS)
        self._writes, self._words, self._effects = {}, {}, {}

    def _stubbed(self, name: str, above: Module) -> Location | None:
        """Return a place for a module of which there is a stub alone: compiled code makes it (PEP 561).

        Such a stub stands in the folder of the compiled module's own name, or of the package that takes it in.
        """
        if above.location is None or not above.is_open or name in self.known.missing:
            return None
        last, inside = name.rpartition(".")[2], above.location.search
        compiled = above.location.path if above.location.kind in COMPILED else None
        if compiled is not None:
            inside = (*inside, os.path.join(os.path.split(compiled)[0], above.name.rpartition(".")[2]))
        for folder in inside:
            entries = self.files.entries(folder)
            if f"{last}.pyi" in entries or "__init__.pyi" in self.files.entries(os.path.join(folder, last)):
                is_attribute = compiled is not None and self._is_made_by_pyo3(compiled)
                return None if is_attribute else Location(name, ModuleKind.MADE)
        return None

    def _is_made_by_pyo3(self, path: str) -> bool:
        """Tell whether compiled code is a PyO3 extension: it does not put its own submodules into `sys.modules`.

        What its stubs tell are attributes that no import statement finds, as the PyO3 guide says. Whoever registers
        them by hand gives them the name of the package around the extension.
        """
        with suppress(OSError):
            return _PYO3 in self.files.read(path)
        return False

    def _served(self, name: str) -> Location | None:
        """Return a place for a name below a module that has installed a finder, if that serves it.

        Where the finder cannot be followed, it serves what an import takes for a module.
        """
        if not self._is_below_finder(name):
            return None
        answer = self._ask_finders(name)
        is_served = name in self.wanted if answer is UNKNOWN else answer is not None
        return Location(name, ModuleKind.MADE) if is_served else None

    def _is_below_finder(self, name: str) -> bool:
        return any(name[:end] in self.finders for end, character in enumerate(name) if character == ".")

    def _ask_finders(self, name: str) -> Value:
        """Ask the finders that modules have installed: the module from which a loader was made, or the spec.

        UNKNOWN where a finder cannot be followed, None where all of them certainly have none.
        """
        if name in self._asking:
            return None
        if self._answered[:2] != (name, self.n_imported):  # an import looks for a place first and then for a module
            self._answered = (name, self.n_imported, self._answer_of_finders(name))
        return self._answered[2]

    def _answer_of_finders(self, name: str) -> Value:
        answer: Value = None if self.finder_objects or not self.finders else UNKNOWN
        for finder in self.finder_objects:
            find_spec = self.members_of(finder.of).get("find_spec") if isinstance(finder.of, Class) else None
            if not isinstance(find_spec, Function):
                answer = UNKNOWN
                continue
            spec = self._ask_finder(finder, find_spec, name)
            loader = spec.attributes.get("loader") if isinstance(spec, Record) else None
            made_from = loader.arguments if isinstance(loader, Instance) else ()
            if len(made_from) == 1 and isinstance(made_from[0], Module):
                return made_from[0]
            if isinstance(spec, Record) and not isinstance(loader, Instance):
                answer = UNKNOWN
            elif isinstance(spec, Record):
                return spec
            # A finder serves the package that installs it; what it says to others' names is mostly nothing.
            elif spec is not None and find_spec.module.name.partition(".")[0] == name.partition(".")[0]:
                answer = UNKNOWN
        return answer

    def note_missing(self, name: str, above: Value) -> None:
        """Note that nobody has a module below another one: most of what is asked for are names of classes."""
        grounds = self._grounds_for_missing(name, above)
        if grounds is not None:
            self._missing[name] = grounds

    def is_still_missing(self, name: str) -> bool:
        """Tell whether an import certainly ends as it did when nobody had the module; False where it may not."""
        grounds = self._missing.get(name)
        return grounds is not None and grounds == self._grounds_for_missing(
            name, self.modules.get(name.rpartition(".")[0])
        )

    def _grounds_for_missing(self, name: str, above: Value) -> tuple[Value, ...] | None:
        """Return all that decides whether somebody has a module below one that is no package, None if more does."""
        if not isinstance(above, Module) or "__path__" in above.names:
            return None
        if any(
            (finder, name) not in self._unclear and (finder, name) not in self._refused
            for finder in self.finder_objects
        ):
            return None  # the answer of a finder that can be followed depends on what it looks at
        return above, above.is_open, name in self.wanted, len(self.finders), len(self.finder_objects)

    def _ask_finder(self, finder: Instance, find_spec: Function, name: str) -> Value:
        question = finder, name
        if question in self._unclear or question in self._refused:
            return UNKNOWN if question in self._unclear else None
        self.fruitless.pop(find_spec, None)  # whoever is asked for everything says no most of the time
        self._asking.add(name)
        before = self.n_looks
        try:
            spec = self._answer(find_spec, [finder, name, None, None], find_spec.module, _STEPS_PER_QUESTION)
        finally:
            self._asking.discard(name)
        if spec is UNKNOWN:
            self._unclear.add(question)
        elif spec is None and before == self.n_looks:
            self._refused.add(question)
        return spec

    def fill(self, module: Module) -> None:
        """Let the loader that a finder has named fill a module, as far as it can be followed. Raises what that does."""
        spec = module.names["__spec__"]
        loader = spec.attributes.get("loader") if isinstance(spec, Record) else None
        members = self.members_of(loader.of) if isinstance(loader, Instance) and isinstance(loader.of, Class) else {}
        exec_module = members.get("exec_module")
        if isinstance(exec_module, Function) and "create_module" not in members:
            self.fruitless.pop(exec_module, None)
            if self._answer(exec_module, [loader, module], exec_module.module, self.steps_left) is not UNKNOWN:
                self.filled.add(module.name)

    def body_of(self, function: Function) -> tuple[list[Value], Outline] | None:
        """Read a function's body from its file the first time it is called; None for what is not followed."""
        if function.expression is not None:
            return function.parameters or [[], [], None, None, {}], []
        location = function.module.location
        first, last = function.lines
        if function.is_async or location is None or location.path is None or last - first > _LONGEST_FUNCTION:
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
        body = self._read_class(path, first, last) if path is not None else None
        if body is None:
            cls.is_plain = False
            return cls.names
        names: dict[str, Value] = {}
        with suppress(RecursionError):
            self.run(body, Frame(cls.module, names, None, "class", self.uncertain))
        cls.names = {**names, **cls.names}
        return cls.names

    def _read_body(self, path: str, first: int, last: int, may_yield: bool) -> tuple[list[Value], Outline] | None:
        node = self._statement_at(path, first, last)
        if not isinstance(node, ast.FunctionDef):
            return None
        may_yield = may_yield or not any("yield" in line for line in self._lines_of(path)[first - 1 : last])
        if not may_yield and _is_generator(node):
            return None
        try:
            return outline_of_function(node)
        except RecursionError:
            return None

    def _given_by(self, owner: Value, name: str) -> Value:
        """Return what an object in the place of a package gives for a name, UNKNOWN where that cannot be told."""
        hook = self.hook_of(owner)
        if hook is None:
            return UNKNOWN
        if name in owner.attributes:
            return owner.attributes[name]
        self.fruitless.pop(hook.function, None)  # most of what it gives is a name of a module that nobody looks into
        try:
            return self._answer_of_hook(hook, name, hook.function.module)
        except RaisedError as error:
            if is_caught_by(error.type, AttributeError) is True:
                return UNKNOWN  # then the import looks for a submodule
            raise

    def _answer_of_hook(self, hook: Value, name: str, module: Module) -> Value:
        return self._answer(hook, [name], module, min(self.steps_left, _STEPS_PER_HOOK))

    def _answer(self, asked: Value, arguments: list[Value], module: Module, most_steps: int) -> Value:
        """Return what a function of a module says, UNKNOWN where that takes too many steps."""
        outside, self.steps_left = self.steps_left, most_steps
        uncertain, calls = self.uncertain, self._calls
        try:
            return self.call(asked, arguments, {}, Frame(module, {}, kind="function", certain_at=self.uncertain))
        except GaveUpError:
            self.uncertain, self._calls = uncertain, calls
            return UNKNOWN
        finally:
            self.steps_left = outside

    def doubts_of_objects(self) -> dict[str, str]:
        """Return the modules that ask an object in the place of a package for a name whose own module has failed.

        Such objects import what they are asked for, and whoever asks fails as well, unless the object has something
        else for this case. That is not decided, and known only in the end: they may be asked before the module is.
        """
        found: dict[str, str] = {}
        for module, owner, name in self.untold:
            for failed, location in self.failed.items():
                facts = self._facts(location) if failed.startswith(f"{owner}.") else None
                if facts is not None and name.encode() in facts.packed_outline and _defines(facts.outline, name):
                    found.setdefault(module, f"{owner} gives it {name} of {failed}, which cannot be imported")
        return found

    def _is_promised(self, owner: Module, name: str) -> bool:
        """Tell whether a module lists a name in `__all__` that nothing in its source can bind: compiled code does."""
        listed = owner.names.get("__all__")
        path = owner.location.path if owner.location is not None else None
        if not isinstance(listed, (list, tuple)) or name not in listed or path is None:
            return False
        try:
            lines = self._lines_of(path)
        except (OSError, SyntaxError, ValueError, LookupError):
            return False
        bare = re.compile(rf"""\b{re.escape(name)}\b(?!["'])|(?<!["']){re.escape(name)}\b""")
        return not any(bare.search(line) for line in lines)

    def _lines_of(self, path: str) -> list[str]:
        if path not in self._lines:
            self._lines[path] = decode_source(self.files.read(path)).split("\n")
        return self._lines[path]

    def _text_at(self, path: str, first: int, last: int) -> str:
        """Return lines of a file at their places below blank ones. Raises what reading a source raises."""
        text = "\n".join((*self._lines_of(path)[first - 1 : last], ""))
        return "\n" * (first - 1) + (textwrap.dedent(text) if text.startswith((" ", "\t")) else text)

    def _statement_at(self, path: str, first: int, last: int) -> ast.stmt | None:
        with suppress(*_UNREADABLE):
            return ast.parse(self._text_at(path, first, last)).body[0]
        return None  # the file has changed since its facts were read, or cannot be cut like this

    def _read_class(self, path: str, first: int, last: int) -> Outline | None:
        """Write down a class without its methods, with them where they cannot be left out; None as above."""
        with suppress(*_UNREADABLE):
            source = self._text_at(path, first, last)
            for skeleton in (skeleton_of(source, Part.TOP_LEVEL), Skeleton(source)):
                with suppress(SyntaxError):
                    node = ast.parse(skeleton.text).body[0] if skeleton is not None else None
                    if skeleton is not None and isinstance(node, ast.ClassDef):
                        return outline_of_class(node, skeleton)
        return None


def _defines(outline: Outline, name: str) -> bool:
    return any(step[0] in {"class", "def"} and step[2] == name for step in outline)


def _is_generator(node: ast.FunctionDef) -> bool:
    stack: list[ast.AST] = list(node.body)
    while stack:
        inner = stack.pop()
        if isinstance(inner, (ast.Yield, ast.YieldFrom)):
            return True
        if not isinstance(inner, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)):
            stack.extend(ast.iter_child_nodes(inner))
    return False
