"""The finders that modules have put on `sys.meta_path` (PEP 302, PEP 451): what they serve, and how it is made."""

from collections import Counter

from tpkg_analyzer.scan.resolver import Location, ModuleKind
from tpkg_analyzer.scan.toplevel.expressions import Frame
from tpkg_analyzer.scan.toplevel.reading import Reading
from tpkg_analyzer.scan.toplevel.record import Record
from tpkg_analyzer.scan.toplevel.values import UNKNOWN, Class, Function, GaveUpError, Instance, Module, Row, Value
from tpkg_analyzer.sources.files import Files

_STEPS_PER_QUESTION = 2_000


class Finders(Reading):
    """The part of a process that asks finders written in Python, as far as they can be followed."""

    def __init__(self, files: Files, stdlib_names: frozenset[str], modules: dict[str, Value]) -> None:
        super().__init__(files, stdlib_names)
        self.modules = modules
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

    def _served(self, name: str) -> Location | None:
        """Return a place for a name below a module that has installed a finder, if that serves it.

        Where the finder cannot be followed, it serves what an import takes for a module.
        """
        if not self._is_below_finder(name):
            return None
        answer = self._ask_finders(name)
        is_served = name in self.wanted if answer is UNKNOWN else answer is not None
        return Location(name, ModuleKind.MADE) if is_served else None

    def is_no_package(self, above: Value) -> bool:
        """Tell whether a module certainly has no `__path__`: of what is below it Python asks no finder."""
        return isinstance(above, Module) and above.has("__path__") is False and "__getattr__" not in above.names

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

    def _ask_finder(self, finder: Instance, find_spec: Function, name: str) -> Value:
        question = finder, name
        if question in self._unclear:
            return UNKNOWN
        if question in self._refused:
            return None
        self._asking.add(name)
        before, fruitless = self.n_looks, self.fruitless
        self.fruitless = Counter()  # whoever is asked for everything says no most of the time, and so do those it asks
        arguments = [finder, name, self._path_above(name), None]
        try:
            spec = self._answer(find_spec, arguments, find_spec.module, _STEPS_PER_QUESTION)
        finally:
            self._asking.discard(name)
            self.fruitless = fruitless
        if spec is UNKNOWN:
            self._unclear.add(question)
        elif spec is None and before == self.n_looks:
            self._refused.add(question)
        return spec

    def _path_above(self, name: str) -> Value:
        """Return the path that a finder is given: that of the package, None for what is in none."""
        parent = name.rpartition(".")[0]
        if not parent:
            return None
        above = self.modules.get(parent)
        path = above.names.get("__path__") if isinstance(above, Module) else None
        if isinstance(path, list):
            return path
        some = Row()
        some.open_up()
        return some

    def _answer(self, asked: Value, arguments: list[Value], module: Module, most_steps: int) -> Value:
        """Return what a function of a module says, UNKNOWN where that takes too many steps."""
        outside, self.steps_left = self.steps_left, most_steps
        try:
            return self.call(asked, arguments, {}, Frame(module, {}, kind="function", certain_at=self.uncertain))
        except GaveUpError:
            return UNKNOWN
        finally:
            self.steps_left = outside

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
        questions = [] if self.is_no_package(above) else [(finder, name) for finder in self.finder_objects]
        if any(question not in self._unclear and question not in self._refused for question in questions):
            return None  # the answer of a finder that can be followed depends on what it looks at
        may_be_asked = above.is_open, "__getattr__" in above.names, name in self.wanted
        return above, *may_be_asked, len(self.finders), len(self.finder_objects)
