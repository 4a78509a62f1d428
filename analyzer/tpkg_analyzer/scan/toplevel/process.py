"""The import system of a simulated process: `sys.modules`, `sys.path`, parents first, what failed imports leave.

Follows importlib._bootstrap. Nothing is run: modules are acted out from the outlines of their files.
"""

import builtins
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from functools import cached_property
from pathlib import PurePath
from typing import NoReturn

from tpkg_analyzer.scan.facts import TopLevel
from tpkg_analyzer.scan.known import NOTHING_KNOWN, Failure, Known
from tpkg_analyzer.scan.recursion import MOST_OF_IMPORTS, frames_of
from tpkg_analyzer.scan.resolver import Location, ModuleKind, Resolver
from tpkg_analyzer.scan.toplevel.attributes import Attributes
from tpkg_analyzer.scan.toplevel.enumerations import ENUMERATIONS
from tpkg_analyzer.scan.toplevel.expressions import Frame
from tpkg_analyzer.scan.toplevel.finding import COMPILED
from tpkg_analyzer.scan.toplevel.inheriting import INHERITING
from tpkg_analyzer.scan.toplevel.listings import LISTINGS
from tpkg_analyzer.scan.toplevel.natives import NATIVES, constants_of
from tpkg_analyzer.scan.toplevel.objects import MODULE_TYPE
from tpkg_analyzer.scan.toplevel.paths import PATHS
from tpkg_analyzer.scan.toplevel.record import Record
from tpkg_analyzer.scan.toplevel.regexes import REGEXES
from tpkg_analyzer.scan.toplevel.requirements import REQUIREMENTS
from tpkg_analyzer.scan.toplevel.snapshots import Snapshot
from tpkg_analyzer.scan.toplevel.values import (
    UNKNOWN,
    Class,
    Function,
    GaveUpError,
    Instance,
    Module,
    RaisedError,
    Row,
    Value,
    is_caught_by,
    is_known,
)
from tpkg_analyzer.scan.toplevel.versions import distributions_by_module, installed_versions
from tpkg_analyzer.sources.files import Files
from tpkg_analyzer.sources.interpreter import Interpreter
from tpkg_runtime.spec.imports import absolute_name

_STEPS_PER_IMPORT = 200
"""What an import adds to the budget of the code around it: a loop that imports one module after another tells much."""


class Process(Attributes):
    """A process of the analysed interpreter, as far as imports change it."""

    def __init__(
        self,
        resolver: Resolver,
        interpreter: Interpreter,
        files: Files,
        facts: Callable[[Location], TopLevel | None],
        known: Known = NOTHING_KNOWN,
    ) -> None:
        super().__init__(files, known, facts, {}, interpreter.stdlib_names)
        self.variables, self.may_have_variables = {}, False
        self._makers: Mapping[str, tuple[str, Sequence[str]]] = known.makers()
        self.resolver = resolver
        self.interpreter = interpreter
        self.path = Row(resolver.search_path)
        self.builtin_names = frozenset(interpreter.contents.get("builtins", ()))
        self.natives = {
            **NATIVES,
            **ENUMERATIONS,
            **INHERITING,
            **LISTINGS,
            **PATHS,
            **REGEXES,
            **REQUIREMENTS,
            **constants_of(self),
            "types.ModuleType": MODULE_TYPE,
        }
        self._modelled = frozenset(name.rpartition(".")[0] for name in self.natives)
        self._frames = frames_of(interpreter.version)
        self._n_frames = 0
        self._before = Snapshot()
        self._as_it_is: Snapshot | None = None

    @cached_property
    def versions(self) -> dict[str, str]:
        """The versions of the installed distributions by their normalised names."""
        return installed_versions(self.files, self.resolver.search_path)

    @cached_property
    def distributions(self) -> dict[str, list[str]]:
        """The distributions that bring each top-level module."""
        return distributions_by_module(self.files, self.resolver.search_path)

    def fork(self) -> "Process":
        """Return a process that continues from here until its end; modules that are loaded already are shared.

        It finds them as they were when this one settled; its end puts back what it did to them.
        """
        settled = self._as_it_is or self.settle()
        copy = self.continued(self.resolver, self.files, self._facts)
        copy._before, copy._as_it_is = settled, None
        if settled.is_left:  # another one goes on from here, and has not come to its end
            copy._before = settled.changes()
            settled.restore()
        settled.is_left = True
        return copy

    def settle(self) -> Snapshot:
        """Note that its modules are now as all that continue from here find them."""
        self._as_it_is = Snapshot(self.modules.values())
        return self._as_it_is

    def continued(self, resolver: Resolver, files: Files, facts: Callable[[Location], TopLevel | None]) -> "Process":
        """Do the same for another project of the same environment."""
        copy = Process(resolver, self.interpreter, files, facts, self.known)
        copy.modules, copy.failed, copy.untold = dict(self.modules), dict(self.failed), list(self.untold)
        added = [entry for entry in self.path if entry not in self.resolver.search_path]
        copy.path[:] = [*resolver.search_path, *added] if resolver is not self.resolver else self.path
        copy.finders, copy.filled = set(self.finders), set(self.filled)
        copy.finder_objects = list(self.finder_objects)
        copy.imports_more = self.imports_more
        copy.variables, copy.may_have_variables = dict(self.variables), self.may_have_variables
        copy._bodies, copy._lines, copy._as_it_is = self._bodies, self._lines, self._as_it_is
        return copy

    def end(self) -> None:
        """Give back all that was loaded since the fork; nobody can ask the process for anything any more.

        Modules and their functions refer to each other: otherwise only a search for garbage would find them.
        """
        for module in self.modules.values():
            if isinstance(module, Module) and module not in self._before:
                module.names.clear()
        self._before.restore()
        vars(self).clear()

    @property
    def n_imported(self) -> int:
        """The number of modules in the process."""
        return len(self.modules)

    # -- the import system

    def import_named(self, name: str) -> Value:
        """Import a module as `importlib.import_module` does. Raises RaisedError."""
        self.n_looks += 1
        if name in self.modules:
            found = self.modules[name]
            if found is None:
                raise RaisedError(ModuleNotFoundError, f"import of {name} halted; None in sys.modules", name=name)
            return found
        if self.known.is_missing(name):
            raise RaisedError(ModuleNotFoundError, f"{name} is assumed to be missing", name=name)
        parent, _, last = name.rpartition(".")
        above: Value = None
        if parent:
            above = self.import_named(parent)
            if name in self.modules:
                return self.modules[name]
        failure = self.known.failure(name)
        if failure is not None and not (failure.missing and self.resolver.find(failure.missing)):
            self._fail(name, failure)
        location, spec = self.find(name, above), None
        if location is not None and name in self.running:
            # It took itself out of `sys.modules`, and looks for another one of its name in folders that it has added.
            location = Location(name, ModuleKind.MADE)
        if (location is None or location.kind is ModuleKind.MADE) and not self.is_no_package(above):
            served = self._ask_finders(name)
            if isinstance(served, Module):
                self.modules[name] = served
                return served
            spec = served if isinstance(served, Record) else None
        if location is None:
            location = self._known_place(name)
        if location is None:
            if name not in self._makers:
                self.note_missing(name, above)
            raise RaisedError(ModuleNotFoundError, self._why_missing(name), name=name)
        if name in self.interpreter.redirected:
            self._import_origin(self.interpreter.redirected[name])
        result = self._load(name, location, spec)
        if isinstance(result, Module) and (reason := self._added_entry(location)) is not None:
            result.unstable = reason
        if parent and parent not in self.modules and not self.uncertain:
            raise RaisedError(KeyError, parent)  # as importlib takes it from there anew
        above = self.modules.get(parent)
        if isinstance(above, Module):
            if last in above.names:
                above.rebound[last] = self.n_defined
            above.names[last] = result
        elif isinstance(above, Instance):  # which stands for the package
            self.set_attribute(above, last, result)
        return result

    @contextmanager
    def below(self, n_frames: int) -> Iterator[None]:
        """Import from where the exporter uses so many frames itself; 0 where it has not recursed."""
        outside, self._n_frames = self._n_frames, self._frames.before_import(n_frames)
        try:
            yield
        finally:
            self._n_frames = outside

    def import_unnamed(self) -> Value:
        """Import what cannot be told."""
        self.imports_more = True
        return UNKNOWN

    def import_given(self, name: str) -> None:
        """Import a module that is known to be importable, whatever its outline says."""
        try:
            self.import_named(name)
        except RaisedError as error:
            location = self.resolver.find(name)
            trail = " < ".join(f"{module}:{line}" for module, line in error.trail)
            self.modules[name] = Module(name, location, {}, is_open=True, doubt=f"{error.message} ({trail})")
            if location is not None and location.is_package:
                self.modules[name].names["__path__"] = Row(location.search, self.uncertain)

    def _added_entry(self, location: Location) -> str | None:
        """Say which entry of `sys.path` leads to a top-level module, where something has put it there."""
        first = location.search[0] if location.search else location.path or ""
        folder = os.path.split(first)[0]
        if "." in location.name or not folder or folder in self.resolver.search_path or folder not in self.path:
            return None
        return f"found only in {folder}, which another import has put on sys.path"

    def _known_place(self, name: str) -> Location | None:
        """Return a place for what no finder has: a person says that it is there, or a loaded module has made it."""
        file, makers = self._makers.get(name, ("", ()))
        if any(maker in self.modules for maker in makers):
            return Location(name, self._kind_of(file), file or None)
        return Location(name, ModuleKind.MADE) if self.known.is_importable(name) else None

    def _is_believed(self, name: str, error: RaisedError) -> bool:
        """Tell whether a module is importable whatever its outline says: something may be missing since it was seen."""
        return name in self.known.importable or (
            self.known.is_importable(name) and error.type is not ModuleNotFoundError
        )

    def _kind_of(self, file: str) -> ModuleKind:
        if file.endswith(".py"):
            return ModuleKind.SOURCE
        return ModuleKind.EXTENSION if file.endswith(self.interpreter.extension_suffixes) else ModuleKind.MADE

    def _fail(self, name: str, failure: Failure) -> NoReturn:
        """Raise what a real import raised, after loading the modules that it left behind."""
        self.modules[name] = Module(name, self.resolver.find(name), is_open=True)
        for left in failure.left:
            location = self.resolver.find(left) if left not in self.modules else None
            if location is not None and left.startswith(f"{name}."):
                with suppress(RaisedError):
                    self._load(left, location)
        self.modules.pop(name, None)
        base = getattr(builtins, failure.base, Exception)
        raised = base if failure.type == failure.base else Class(failure.type, (base,))
        raise RaisedError(raised, failure.message, name=name if base is ModuleNotFoundError else None)

    def find(self, name: str, above: Value) -> Location | None:
        """Return where a module is, `above` being its imported parent."""
        parent = name.rpartition(".")[0]
        if not parent:
            return self.resolver.find_top(name, tuple(entry for entry in self.path if isinstance(entry, str)))
        if not isinstance(above, Module):  # the module put something else in its place, which kept its path
            known = self.resolver.find(parent)
            return (self.resolver.find_in(name, known.search) if known is not None else None) or self._served(name)
        search: Value = above.names.get("__path__")
        if isinstance(search, list):
            found = self.resolver.find_in(name, tuple(entry for entry in search if isinstance(entry, str)))
            return found or self.resolver.find_editable(name) or self._served(name) or self._stubbed(name, above)
        if search is not None:
            known = self.resolver.find(parent)
            return self.resolver.find_in(name, known.search) if known is not None else None
        if self.is_no_package(above):
            return None
        if self._is_below_finder(name):
            return self._served(name)
        if name in self.wanted and above.location is not None and above.location.kind in COMPILED:
            return Location(name, ModuleKind.MADE)
        return self._stubbed(name, above)

    def note_change(self, value: Class | Function) -> None:
        """Note that a class or a function is about to be changed: the end of this process puts it back."""
        self._before.note(value)

    def _import_origin(self, file: str) -> None:
        """Import the module that a foreign finder gives for another by its own name first, as such finders do."""
        for entry in self.resolver.search_path:
            if file.startswith(entry + os.sep):
                parts = PurePath(file).relative_to(entry).with_suffix("").parts
                with suppress(RaisedError):
                    self.import_named(".".join(parts[:-1] if parts[-1] == "__init__" else parts))

    def _load(self, name: str, location: Location, spec: Record | None = None) -> Value:
        module = Module(name, location, certain_at=self.uncertain)
        names = module.names
        names["__name__"] = name
        names["__doc__"] = names["__loader__"] = names["__builtins__"] = names["__cached__"] = UNKNOWN
        if location.path is not None:
            names["__file__"] = location.path
        if location.is_package:
            names["__path__"] = Row(location.search, self.uncertain)
        names["__package__"] = module.package
        origin, search = location.path or UNKNOWN, names.get("__path__")
        names["__spec__"] = spec or Record(
            name=name, parent=module.package, origin=origin, submodule_search_locations=search
        )
        self.modules[name] = module
        outside = self.steps_left
        self.running.append(name)
        try:
            self._n_frames += self._frames.per_import
            if self._n_frames > MOST_OF_IMPORTS and not self.imports_more:
                raise RaisedError(RecursionError, "maximum recursion depth exceeded")
            self._execute(module, location)
            if name not in self.modules and not self.uncertain:
                raise RaisedError(KeyError, name)  # as importlib takes the module from there when it has run
        except RaisedError as error:
            if not self._is_believed(name, error):
                self.modules.pop(name, None)
                self.failed[name] = location
                raise
            module.is_open = True
        finally:
            self._n_frames -= self._frames.per_import
            self.running.pop()
            self.steps_left = outside + _STEPS_PER_IMPORT
        module.is_ready = True
        return self.modules.get(name, module)

    def _execute(self, module: Module, location: Location) -> None:
        if location.kind is not ModuleKind.SOURCE:
            standard = None if location.is_first_party else self.interpreter.contents.get(module.name)
            names = self.known.names.get(module.name, frozenset()) if standard is None else standard
            module.is_open = location.kind is not ModuleKind.NAMESPACE and not names
            module.names.update((name, UNKNOWN) for name in names if name not in module.names)
            self.fill(module)
            return
        facts = self._facts(location)
        if facts is None:
            raise RaisedError(OSError, f"{location.path} cannot be read")
        if facts.problem is not None and facts.problem.stops_import:
            error = RaisedError(getattr(builtins, facts.problem.error, SyntaxError), facts.problem.message)
            error.trail.append((module.name, facts.problem.span.line))
            raise error
        if not facts.is_parsed:
            module.is_open, module.doubt = True, "what it does when it is imported cannot be read"
            return
        imported = self.n_imported
        guards, self.guards, n_untold = self.guards, [], self.n_untold
        try:
            self.run(facts.outline, Frame(module, module.names, certain_at=self.uncertain))
        except GaveUpError:
            module.is_open = True
            self.imports_more |= self.n_imported > imported
        except RecursionError:
            module.is_open = True
            module.doubt = "too deep to follow"
        finally:
            # What cannot be told of an import is assumed to go well, also by whoever handles its failure.
            self.guards, self.n_untold = guards, n_untold

    def _why_missing(self, name: str) -> str:
        top = name.partition(".")[0]
        is_there = top in self.modules or self.resolver.find(top) is not None
        return f"there is no module {name}" if is_there else f"{top} is not installed"

    # -- what statements ask

    def absolute(self, name: str, level: int, module: Module) -> str:
        """Make the name of an import in `module` absolute. Raises RaisedError with ImportError beyond the top."""
        if not level:
            return name
        said = module.names.get("__package__")
        package = said if isinstance(said, str) else module.package
        if not package:
            raise RaisedError(ImportError, "attempted relative import with no known parent package")
        try:
            return absolute_name(name, package, level)
        except ValueError as error:
            raise RaisedError(ImportError, str(error)) from None

    def imported_name(self, owner: Value, name: str, owner_name: str) -> Value:
        """Return what `from owner import name` gives: an attribute, else a submodule. Raises RaisedError."""
        full = f"{owner_name}.{name}"
        if not isinstance(owner, Module):
            is_refused = False
            try:
                if (given := self._given_by(owner, name)) is not UNKNOWN:
                    return given
            except RaisedError as error:
                if is_caught_by(error.type, AttributeError) is not True:
                    raise
                is_refused = True
            if full in self.modules or self.find(full, owner) is not None:
                return self.import_named(full)
            if is_refused:
                raise RaisedError(ImportError, f"{owner_name} has no name {name}", name=owner_name)
            self.untold.append((self.running[-1] if self.running else "", owner_name, name))
            return UNKNOWN
        found: Value = None
        is_there = True
        if name in owner.perhaps:
            self.may_raise(ImportError)
        try:
            found = self.module_attribute(owner, name)
        except RaisedError as error:
            if is_caught_by(error.type, AttributeError) is not True:
                raise
            is_there = False
        # Where it is not known what the attribute is, a submodule of that name is the better guess.
        is_told = found is not UNKNOWN or name in owner.names or "__path__" not in owner.names
        if is_there and (is_told or self.find(full, owner) is None):
            return found
        if "__path__" in owner.names:
            self._n_frames += self._frames.per_submodule
            try:
                return self.import_named(full)
            except RaisedError as error:
                if not (error.name == full and is_caught_by(error.type, ModuleNotFoundError)):
                    if not (is_there and owner.is_open):
                        raise
                    self._doubt_of_running(error)  # it may have an attribute of this name, and import nothing
                    return UNKNOWN
            finally:
                self._n_frames -= self._frames.per_submodule
        if name in owner.names:
            return owner.names[name]
        if full in self.modules:
            return self.modules[full]
        if self._is_promised(owner, name) and self._has_compiled_code(owner.name.partition(".")[0]):
            return UNKNOWN
        state = "" if owner.is_ready else " yet: they import each other"
        lacking = RaisedError(ImportError, f"{owner.name} has no name {name}{state}", name=owner.name)
        if not owner.is_ready:
            lacking.unstable = f"{owner.name} is only half imported here; in another order of imports this may work"
        raise lacking

    def _doubt_of_running(self, error: RaisedError) -> None:
        running = self.modules.get(self.running[-1]) if self.running else None
        if isinstance(running, Module):
            self.doubt(error, running)

    def _has_compiled_code(self, top: str) -> bool:
        """Tell whether compiled code of a top-level package is loaded: it can bind names wherever it wants."""
        return any(
            isinstance(found, Module)
            and found.name.startswith(f"{top}.")
            and found.location is not None
            and found.location.kind is ModuleKind.EXTENSION
            for found in self.modules.values()
        )

    def public_names(self, owner: Value) -> dict[str, Value] | None:
        """Return what `from owner import *` binds, None where it cannot be told."""
        if not isinstance(owner, Module):
            return None
        listed = owner.names.get("__all__")
        if listed is None:
            if owner.is_open:
                return None
            return {name: value for name, value in owner.names.items() if not name.startswith("_")}
        if not isinstance(listed, (list, tuple)) or not is_known(listed):
            return None
        return {name: self._listed_name(owner, name) for name in listed if isinstance(name, str)}

    def _listed_name(self, owner: Module, name: str) -> Value:
        try:
            return self.imported_name(owner, name, owner.name)
        except RaisedError as error:
            if error.type is not ImportError or error.name != owner.name:
                raise
            lacking = RaisedError(AttributeError, f"module {owner.name} has no attribute {name}", name=name)
            lacking.unstable = error.unstable
            raise lacking from None
