"""Experiments that an import from the package decides, of one module or of what it asks for."""

import importlib
import pkgutil
from types import FunctionType, ModuleType
from typing import Any

from tpkg_runtime.probe.judgement import Judgement, Raised, described, host_module, shortened
from tpkg_runtime.probe.trial import Trial
from tpkg_runtime.spec.mangling import demangle, is_mangled
from tpkg_runtime.wire.messages import Experiment, SeenImport, Verdict

_CONSTANTS = (str, bytes, int, float, complex, frozenset, type(None))


def name_missing(trial: Trial, experiment: Experiment) -> Judgement:
    """Look for a name that the host's module has."""
    host = host_module(experiment.module)
    if not hasattr(host, experiment.symbol):
        return Verdict.OPEN, f"could not be tried: the host's {experiment.module} has no {experiment.symbol} either"
    packaged = trial.packaged(experiment.module)
    if hasattr(packaged, experiment.symbol):
        return Verdict.REFUTED, f"{packaged.__name__} has {experiment.symbol}"
    return Verdict.CONFIRMED, f"{packaged.__name__} has no {experiment.symbol}, the host's has one{trial.note()}"


def host_import(trial: Trial, experiment: Experiment) -> Judgement:
    """Make an import by name in the packaged module, and look at whose module comes."""
    packaged = trial.packaged(experiment.module)
    how = f"{experiment.expression} in {packaged.__name__}"
    try:
        found = _imported(packaged, experiment)
    except ImportError as error:
        return Verdict.CONFIRMED, f"{how}: {described(error)}{trial.note()}"
    name = getattr(found, "__name__", repr(found))
    if is_mangled(name):
        return Verdict.REFUTED, f"{how} gives the package's own {name}"
    if found is _stated(trial, experiment.symbol):
        return Verdict.REFUTED, f"{how} gives {name} of the host, and so does an import statement"
    return Verdict.CONFIRMED, f"{how} gives the host's {name}{trial.note()}"


def past_package(trial: Trial, experiment: Experiment) -> Judgement:
    """Look at what the lines were seen to import while the package was imported and its smoke function ran.

    Where they did not run, import a module whose name begins as theirs does.
    """
    numbers, _, beginning = experiment.expression.partition(" ")
    first, _, last = numbers.partition("-")
    lines = range(int(first), int(last) + 1)
    asked = [item for item in trial.record.imports if item.module == experiment.module and item.line in lines]
    for item in asked:
        if what := _what_is_lost(trial, item):
            return Verdict.CONFIRMED, f"seen while {item.while_running}: {item.target} was asked of the host, {what}"
    if asked:
        return Verdict.OPEN, f"seen while {asked[0].while_running}: only extern modules, such as {asked[0].target}"
    if beginning and (found := _in_its_place(trial, experiment, beginning)) is not None:
        return found
    return Verdict.OPEN, "could not be tried: the call did not run while the package was imported"


def _in_its_place(trial: Trial, experiment: Experiment, beginning: str) -> Judgement | None:
    packaged = trial.packaged(experiment.module)
    names = {**vars(packaged), "import_module": importlib.import_module}
    for name in _beginning_with(trial, beginning):
        call = f"{experiment.symbol}({name!r})"
        how = f"{call} in {packaged.__name__}"
        try:
            found = eval(call, names)
        except ImportError as error:
            return Verdict.CONFIRMED, f"{how}: {described(error)}{trial.note()}"
        if not is_mangled(found.__name__):
            held = "although the package holds it" if name in trial.interned else "which the package does not hold"
            return Verdict.CONFIRMED, f"{how} gives the host's, {held}{trial.note()}"
    return None


def _beginning_with(trial: Trial, beginning: str) -> list[str]:
    """Return modules of the package, then others of the project, that are not left to the host, by how they begin."""
    parent = beginning.rpartition(".")[0]
    places = getattr(host_module(parent), "__path__", ()) if parent else trial.request.paths
    beside = (item.name for item in pkgutil.iter_modules(places, f"{parent}." if parent else ""))
    names = dict.fromkeys((*sorted(trial.interned), *beside))
    return [name for name in names if name.startswith(beginning) and not trial.leaves_to_host(name)]


def lazy_names(trial: Trial, experiment: Experiment) -> Judgement:
    """Ask the packaged module for the names that its `__getattr__` serves in the host."""
    host = host_module(experiment.module)
    packaged = trial.packaged(experiment.module)
    names = [name for name in _served(host) if name not in vars(packaged) and _serves(host, name)]
    if not names:
        return Verdict.OPEN, "could not be tried: nothing tells which names are served"
    for name in names:
        text = f"{packaged.__name__}.{name}"
        try:
            value = getattr(packaged, name)
        except Raised as error:
            return Verdict.CONFIRMED, f"{text}: {described(error)}{trial.note()}"
        home = value.__name__ if isinstance(value, ModuleType) else getattr(value, "__module__", None)
        is_hosts = value is getattr(host, name) and home is None and not isinstance(value, _CONSTANTS)
        if is_hosts or (home is not None and not is_mangled(str(home)) and not trial.leaves_to_host(str(home))):
            return Verdict.CONFIRMED, f"{text} is the host's{f', of {home}' if home else ''}{trial.note()}"
    return Verdict.REFUTED, f"{packaged.__name__} gives {', '.join(names[:3])} of its own"


def replaced_module(trial: Trial, experiment: Experiment) -> Judgement:
    """Compare what the host's import gives with what the package's does."""
    host = host_module(experiment.module)
    packaged = trial.packaged(experiment.module)
    ours, theirs = type(packaged).__name__, type(host).__name__
    if (type(host) is ModuleType) == (type(packaged) is ModuleType) or ours == theirs:
        return Verdict.REFUTED, f"the package and the host give a {theirs} for {experiment.module}"
    return Verdict.CONFIRMED, f"the package gives a {ours} for {experiment.module}, the host a {theirs}{trial.note()}"


def mangled_name(trial: Trial, experiment: Experiment) -> Judgement:
    """Look at the name of a module in the package."""
    prefix = experiment.symbol.rstrip(".")
    known = sorted(name for name in trial.interned if f"{name}.".startswith(f"{prefix}."))
    if not known:
        return Verdict.REFUTED, f"the package holds no module at or below {prefix}"
    name = trial.packaged(known[0]).__name__
    if name == known[0]:
        return Verdict.REFUTED, f"{known[0]} of the package is called so"
    return Verdict.CONFIRMED, f"{known[0]} of the package is called {name}{trial.note()}"


def importable(trial: Trial, experiment: Experiment) -> Judgement:
    """Import a resource."""
    try:
        found = trial.packaged(experiment.symbol)
    except ModuleNotFoundError as error:
        return Verdict.REFUTED, f"import of {experiment.symbol} from the package: {described(error)}"
    except Raised as error:
        return Verdict.CONFIRMED, f"{experiment.symbol} of the package is run as code: {described(error)}"
    return Verdict.CONFIRMED, f"import of {experiment.symbol} from the package gives {found.__name__}{trial.note()}"


def resource_lost(trial: Trial, experiment: Experiment) -> Judgement:
    """Read back what was saved under the name of a package."""
    saves = [step.save for step in trial.request.steps if step.save is not None and step.save.name == experiment.symbol]
    names = [save.detail for save in saves if save.how in ("resource", "globals") and save.detail]
    if not names:
        return Verdict.OPEN, f"could not be tried: nothing is known to be saved in {experiment.symbol}"
    for name in names:
        text = f"{name} of {experiment.symbol} read with {trial.runtime.name}"
        try:
            trial.first.load_binary(experiment.symbol, name)
        except Raised as error:
            return Verdict.CONFIRMED, f"{text}: {described(error)}{trial.note()}"
    return Verdict.REFUTED, f"{text}: without an error"


def resource_missing(trial: Trial, experiment: Experiment) -> Judgement:
    """Ask for a resource."""
    folder, _, name = experiment.symbol.rpartition("/")
    package = folder.replace("/", ".")
    text = f"{name} of {package} read with {trial.runtime.name}"
    try:
        found = trial.first.load_binary(package, name)
    except Raised as error:
        return Verdict.CONFIRMED, f"{text}: {described(error)}"
    return Verdict.REFUTED, f"{text}: {len(found)} bytes"


def garbled(trial: Trial, experiment: Experiment) -> Judgement:
    """Compare the texts that a module holds in the host and in the package."""
    host = list(_texts(host_module(experiment.module)))
    try:
        packaged = list(_texts(trial.packaged(experiment.module)))
    except (SyntaxError, UnicodeError) as error:
        return Verdict.CONFIRMED, f"imported from the package with {trial.runtime.name}: {described(error)}"
    # The names that Python gives a module are others in a package, whatever the coding is.
    for ours, theirs in zip(packaged, host, strict=False):
        if ours != theirs:
            said = f"{shortened(repr(ours))} in the package is {shortened(repr(theirs))} in the host"
            return Verdict.CONFIRMED, f"{said}{trial.note()}"
    return Verdict.REFUTED, f"the {len(host)} texts of {experiment.module} are the same in the package"


def _imported(packaged: ModuleType, experiment: Experiment) -> Any:
    try:
        return eval(experiment.expression, packaged.__dict__)
    except NameError:  # it needs names of the function that it stands in
        return importlib.import_module(experiment.symbol)


def _stated(trial: Trial, module: str) -> ModuleType | None:
    """Return what an import statement of the package gives for `module`, None where it raises."""
    try:
        return trial.packaged(module)
    except ImportError:
        return None


def _what_is_lost(trial: Trial, seen: SeenImport) -> str | None:
    """Return what is wrong with an import of the host's, None where an import statement gives the same."""
    if seen.is_in_package:
        return "although the package holds it"
    if seen.target in trial.repaired.held["externed"]:
        return None
    try:
        trial.first.import_module(seen.target)
    except ImportError:
        return "which the package does not name"
    return None


def _served(host: ModuleType) -> list[str]:
    """Return the names that a module's `__getattr__` may serve: submodules, listed names, and texts that it knows."""
    names = [*vars(host).get("__all__", ()), *dir(host)]
    names += [item.name for item in pkgutil.iter_modules(getattr(host, "__path__", ()))]
    function = vars(host).get("__getattr__")
    if isinstance(function, FunctionType):
        for name in function.__code__.co_names:
            table = vars(host).get(name)
            if isinstance(table, (dict, set, frozenset, list, tuple)):
                names += [item for item in table if isinstance(item, str)]
        for constant in function.__code__.co_consts:
            texts = constant if isinstance(constant, (tuple, frozenset)) else (constant,)
            names += [item for item in texts if isinstance(item, str)]
    return [name for name in dict.fromkeys(names) if name.isidentifier() and not name.startswith("__")]


def _serves(host: ModuleType, name: str) -> bool:
    """Tell whether a module has a name by way of its `__getattr__`, if it has that, or at all."""
    serve = vars(host).get("__getattr__")
    try:
        return hasattr(host, name) and (serve is None or serve(name) is not None)
    except Raised:  # it takes every name for a module, perhaps
        return False


def _texts(module: ModuleType) -> "list[str]":
    """Return the texts at the top level of a module, and the constants of its functions, in their order."""
    found: list[str] = []
    for name, value in vars(module).items():
        if name.startswith("__") and name != "__doc__":
            continue
        found.append(name)
        if isinstance(value, str):
            found.append(value)
        elif isinstance(value, FunctionType) and demangle(value.__module__) == demangle(module.__name__):
            found += [item for item in value.__code__.co_consts if isinstance(item, str)]
    return found
