"""The experiments: one function a kind, from a trial and a prediction to a verdict with its evidence."""

import importlib
from collections.abc import Callable
from types import ModuleType
from typing import Any

from tpkg_runtime.probe.trial import Trial, reach, without_project
from tpkg_runtime.spec.mangling import is_mangled
from tpkg_runtime.wire.messages import Experiment, ExperimentKind, Verdict

Judgement = tuple[Verdict, str]


def judge(trial: Trial, experiment: Experiment) -> Judgement:
    """Try one prediction. Whatever user code raises unasked leaves it open, with the reason."""
    try:
        return _JUDGES[experiment.kind](trial, experiment)
    except Exception as error:  # noqa: BLE001
        return Verdict.OPEN, f"could not be tried: {described(error)}"


def described(error: BaseException) -> str:
    """Return class and first line of an exception."""
    said = next((line.strip() for line in str(error).splitlines() if line.strip()), "without a word")
    return f"{type(error).__name__}: {said}"


def _export_error(trial: Trial, experiment: Experiment) -> Judgement:
    reason = trial.attempt.broken.get(experiment.symbol)
    how = _exported(trial)
    if reason is not None and experiment.expression in ("", reason):
        return Verdict.CONFIRMED, f"{how}: PackagingError names {experiment.symbol} ({reason})"
    if reason is not None:
        return Verdict.REFUTED, f"{how}: {experiment.symbol} is broken for another reason, {reason}"
    if trial.attempt.error is None:
        return Verdict.REFUTED, f"{how}: it succeeds"
    if isinstance(trial.attempt.error, trial.runtime.packaging_error):
        return Verdict.REFUTED, f"{how}: PackagingError does not name {experiment.symbol}"
    return Verdict.OPEN, f"{how}: {described(trial.attempt.error)}"


def _export_raises(trial: Trial, experiment: Experiment) -> Judgement:
    error, how = trial.attempt.error, _exported(trial)
    if error is None:
        return Verdict.REFUTED, f"{how}: it succeeds"
    same = any(kind.__name__ == experiment.symbol for kind in type(error).__mro__)
    return (Verdict.CONFIRMED if same else Verdict.REFUTED), f"{how}: {described(error)}"


def _pattern_unused(trial: Trial, experiment: Experiment) -> Judgement:
    index, how = int(experiment.symbol), _exported(trial)
    if index in trial.attempt.unmatched:
        return Verdict.CONFIRMED, f"{how}: no module is given to the pattern"
    return Verdict.REFUTED, f"{how}: the pattern is given to a module"


def _dropped(trial: Trial, experiment: Experiment) -> Judgement:
    held = {name for names in trial.repaired.held.values() for name in names}
    if experiment.symbol in held:
        return Verdict.REFUTED, f"{_exported(trial)}: {experiment.symbol} is in"
    try:
        importlib.import_module(experiment.symbol)
    except Exception as error:  # noqa: BLE001
        return Verdict.CONFIRMED, f"{_exported(trial)}: {experiment.symbol} is left out ({described(error)})"
    return Verdict.REFUTED, f"{experiment.symbol} can be imported here"


def _load_raises(trial: Trial, _: Experiment) -> Judgement:
    archive = trial.repaired.archive
    try:
        trial.load()
    except Exception as error:  # noqa: BLE001
        return Verdict.CONFIRMED, f"opened with {trial.runtime.name}: {described(error)}"
    return Verdict.REFUTED, f"opened with {trial.runtime.name}: {len(archive.getvalue())} bytes, without an error"


def _import_raises(trial: Trial, experiment: Experiment) -> Judgement:
    importlib.import_module(experiment.module)
    try:
        trial.first.import_module(experiment.module)
    except Exception as error:  # noqa: BLE001
        return Verdict.CONFIRMED, f"imported from the package with {trial.runtime.name}: {described(error)}"
    return Verdict.REFUTED, f"imported from the package with {trial.runtime.name}: without an error"


def _load_twice_raises(trial: Trial, experiment: Experiment) -> Judgement:
    importlib.import_module(experiment.module)
    for time, importer in (("first", trial.first), ("second", trial.second)):
        try:
            importer.import_module(experiment.module)
        except Exception as error:  # noqa: BLE001
            return Verdict.CONFIRMED, f"imported from a {time} package beside the host's: {described(error)}"
    return Verdict.REFUTED, "imported from two packages beside the host's: without an error"


def _name_missing(trial: Trial, experiment: Experiment) -> Judgement:
    host = importlib.import_module(experiment.module)
    if not hasattr(host, experiment.symbol):
        return Verdict.OPEN, f"could not be tried: the host's {experiment.module} has no {experiment.symbol} either"
    packaged = trial.first.import_module(experiment.module)
    if hasattr(packaged, experiment.symbol):
        return Verdict.REFUTED, f"{packaged.__name__} has {experiment.symbol}"
    return Verdict.CONFIRMED, f"{packaged.__name__} has no {experiment.symbol}, the host's has one{trial.note()}"


def _raises_inside(trial: Trial, experiment: Experiment) -> Judgement:
    host = importlib.import_module(experiment.module)
    eval(experiment.expression, dict(vars(host)))
    packaged = trial.first.import_module(experiment.module)
    text = f"{experiment.expression} in {packaged.__name__}"
    try:
        eval(experiment.expression, dict(vars(packaged)))
    except Exception as error:  # noqa: BLE001
        return Verdict.CONFIRMED, f"{text}: {described(error)}{trial.note()}"
    with without_project(trial.request.paths):
        try:
            eval(experiment.expression, dict(vars(trial.alone.import_module(experiment.module))))
        except Exception as error:  # noqa: BLE001
            return Verdict.CONFIRMED, f"{text}, where the project is not installed: {described(error)}{trial.note()}"
    return Verdict.REFUTED, f"{text}: without an error"


def _host_import(trial: Trial, experiment: Experiment) -> Judgement:
    packaged = trial.first.import_module(experiment.module)
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


def _imported(packaged: ModuleType, experiment: Experiment) -> Any:
    try:
        return eval(experiment.expression, packaged.__dict__)
    except NameError:  # it needs names of the function that it stands in
        return importlib.import_module(experiment.symbol)


def _stated(trial: Trial, module: str) -> ModuleType | None:
    """Return what an import statement of the package gives for `module`, None where it raises."""
    try:
        found: ModuleType = trial.first.import_module(module)
    except ImportError:
        return None
    return found


def _own_state(trial: Trial, experiment: Experiment) -> Judgement:
    host = reach(importlib.import_module(experiment.module), experiment.symbol)
    first = reach(trial.first.import_module(experiment.module), experiment.symbol)
    second = reach(trial.second.import_module(experiment.module), experiment.symbol)
    if host is first or first is second:
        return Verdict.REFUTED, f"loaded twice: {experiment.symbol} is one object everywhere"
    counts = f"{_size(first)} and {_size(second)} in the packages, {_size(host)} in the host"
    return Verdict.CONFIRMED, f"loaded twice: {experiment.symbol} is three objects, with {counts}{trial.note()}"


def _own_class(trial: Trial, experiment: Experiment) -> Judgement:
    module, _, name = experiment.symbol.rpartition(".")
    host = reach(importlib.import_module(module), name)
    packaged = reach(trial.first.import_module(module), name)
    shown = f"{packaged.__module__}.{packaged.__qualname__}"
    if issubclass(packaged, host) or issubclass(host, packaged):
        return Verdict.REFUTED, f"{shown} and the host's {experiment.symbol} know each other's instances"
    return Verdict.CONFIRMED, f"no {shown} is an instance of the host's {experiment.symbol}{trial.note()}"


def _patched(trial: Trial, experiment: Experiment) -> Judgement:
    module, _, name = experiment.symbol.rpartition(".")
    before = getattr(importlib.import_module(module), name, None)
    trial.first.import_module(experiment.module)
    after = getattr(importlib.import_module(module), name, None)
    owner = getattr(after, "__module__", None) or type(after).__module__
    if is_mangled(str(owner)) or (before is not after and before is not None):
        return Verdict.CONFIRMED, f"importing the package leaves {owner}'s {name} in the host's {module}{trial.note()}"
    return Verdict.REFUTED, f"{experiment.symbol} of the host is what it was"


def _exported(trial: Trial) -> str:
    return f"exported {trial.request.package} with {trial.runtime.name}"


def _size(value: Any) -> str:
    try:
        return f"{len(value)} entries"
    except TypeError:
        return "one value"


_JUDGES: dict[ExperimentKind, Callable[[Trial, Experiment], Judgement]] = {
    ExperimentKind.EXPORT_ERROR: _export_error,
    ExperimentKind.EXPORT_RAISES: _export_raises,
    ExperimentKind.PATTERN_UNUSED: _pattern_unused,
    ExperimentKind.DROPPED: _dropped,
    ExperimentKind.LOAD_RAISES: _load_raises,
    ExperimentKind.IMPORT_RAISES: _import_raises,
    ExperimentKind.LOAD_TWICE_RAISES: _load_twice_raises,
    ExperimentKind.NAME_MISSING: _name_missing,
    ExperimentKind.RAISES_INSIDE: _raises_inside,
    ExperimentKind.HOST_IMPORT: _host_import,
    ExperimentKind.OWN_STATE: _own_state,
    ExperimentKind.OWN_CLASS: _own_class,
    ExperimentKind.PATCHED: _patched,
}
