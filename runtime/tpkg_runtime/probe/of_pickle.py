"""Experiments that pickle an object by itself: its class is the host's, or one of the package."""

import gc
import io
import pickle
import weakref
from collections.abc import Iterator
from contextlib import suppress
from types import ModuleType
from typing import Any

from tpkg_runtime.probe.judgement import Judgement, Raised, described, host_module, saved_alone
from tpkg_runtime.probe.trial import Trial, reach
from tpkg_runtime.spec.mangling import demangle
from tpkg_runtime.wire.messages import Experiment, Verdict

_SCRIPTED = "torch.jit.ScriptModule"


def unpicklable(trial: Trial, experiment: Experiment) -> Judgement:
    """Make an object, and save what it keeps in an attribute; or save a scripted module."""
    if experiment.symbol == _SCRIPTED:
        return _tried(trial, "a scripted module", _scripted())
    cls, _, attribute = experiment.symbol.rpartition(".")
    made = _made(cls)
    if isinstance(made, str):
        return Verdict.OPEN, made
    text = f"{_short(cls)}().{attribute}"
    if not hasattr(made, attribute):
        return Verdict.REFUTED, f"{_short(cls)}() has no attribute {attribute}"
    return _tried(trial, text, getattr(made, attribute))


def _tried(trial: Trial, text: str, value: Any) -> Judgement:
    try:
        saved_alone(trial, value)
    except Raised as error:
        return Verdict.CONFIRMED, f"{text} saved with {trial.runtime.name}: {described(error)}"
    return Verdict.REFUTED, f"{text} saved with {trial.runtime.name}: without an error"


def reduced(trial: Trial, experiment: Experiment) -> Judgement:
    """Make an object, save it, and load it."""
    made = _made(experiment.symbol)
    if isinstance(made, str):
        return Verdict.OPEN, made
    text = f"{_short(experiment.symbol)}()"
    try:
        importer = saved_alone(trial, made)
    except Raised as error:
        return Verdict.CONFIRMED, f"{text} saved with {trial.runtime.name}: {described(error)}"
    try:
        importer.load_pickle("tpkg_probe", "alone.pkl")
    except Raised as error:
        return Verdict.CONFIRMED, f"{text} loaded with {trial.runtime.name}: {described(error)}"
    return Verdict.REFUTED, f"{text} saved and loaded with {trial.runtime.name}: without an error"


def protocol(trial: Trial, experiment: Experiment) -> Judgement:
    """Save a class, or a number, with a pickle protocol, and load it."""
    what = _class(experiment.symbol) if experiment.symbol else 0
    text = f"{experiment.symbol or 'a number'} saved with protocol {experiment.expression} of {trial.runtime.name}"
    try:
        importer = saved_alone(trial, what, int(experiment.expression))
        importer.load_pickle("tpkg_probe", "alone.pkl")
    except Raised as error:
        return Verdict.CONFIRMED, f"{text}: {described(error)}"
    return Verdict.REFUTED, f"{text} and loaded: without an error"


def temporary(trial: Trial, experiment: Experiment) -> Judgement:
    """Save a temporary, and look whether it is gone while the exporter still goes by its address."""
    made = _scripted() if experiment.symbol == _SCRIPTED else _made(experiment.symbol)
    if isinstance(made, str):
        return Verdict.OPEN, made
    text = f"a temporary {_short(experiment.symbol)} saved with {trial.runtime.name}"
    with trial.runtime.exporter(io.BytesIO()) as exporter:
        exporter.extern("**")
        exporter.save_pickle("tpkg_probe", "temporary.pkl", made)
        alive, address = weakref.ref(made), id(made)
        del made
        gc.collect()
        remembered = address in getattr(exporter, "serialized_reduces", {})
        if alive() is not None or not remembered:
            return Verdict.REFUTED, f"{text} is kept until the exporter is closed"
    return Verdict.CONFIRMED, f"{text} is gone, and its address is still taken for it"


def reexported(trial: Trial, _: Experiment) -> Judgement:
    """Save a class of the package with an exporter that knows the host alone."""
    cls = next(_packaged_classes(trial), None)
    if cls is None:
        return Verdict.OPEN, "could not be tried: the package holds no class"
    text = f"{cls.__module__}.{cls.__qualname__} saved without its importer, with {trial.runtime.name}"
    try:
        saved_alone(trial, cls)
    except Raised as error:
        return Verdict.CONFIRMED, f"{text}: {described(error)}{trial.note()}"
    return Verdict.REFUTED, f"{text}: without an error"


def escapes(trial: Trial, experiment: Experiment) -> Judgement:
    """Give a class of the package to pickle, which names it in the pickle of each instance."""
    module, _, name = experiment.symbol.rpartition(".")
    if module:
        found = [getattr(trial.packaged(module), name)]
    elif experiment.module in trial.interned:
        found = _classes(trial.packaged(experiment.module))
    else:
        found = list(_packaged_classes(trial))
    if not found:
        return Verdict.OPEN, f"could not be tried: {experiment.module} of the package has no class"
    cls = found[0]
    text = f"pickle.dumps({cls.__module__}.{cls.__qualname__})"
    try:
        pickle.dumps(cls)
    except Raised as error:
        return Verdict.CONFIRMED, f"{text}: {described(error)}{trial.note()}"
    return Verdict.REFUTED, f"{text} with {trial.runtime.name}: without an error"


def _made(symbol: str) -> Any:
    """Return an object of a class, or the reason why there is none."""
    kind = _class(symbol)
    try:
        return kind()
    except Exception as error:  # noqa: BLE001 - it wants arguments, or something that is not here
        return f"could not be tried: {_short(symbol)}() raises {described(error)}"


def _scripted() -> Any:
    torch = host_module("torch")
    return torch.jit.script(torch.nn.Identity())


def _class(symbol: str) -> Any:
    """Return the class of a dotted name, which may stand inside of another one. Raises ImportError, AttributeError."""
    module, _, name = symbol.rpartition(".")
    try:
        return reach(host_module(module), name)
    except ModuleNotFoundError:
        outer, _, inner = module.rpartition(".")
        if not outer:
            raise
        return reach(host_module(outer), f"{inner}.{name}")


def _packaged_classes(trial: Trial) -> Iterator[type]:
    """Yield the classes of the modules that can be imported from the package."""
    for name in sorted(trial.interned):
        with suppress(*Raised):
            yield from _classes(trial.packaged(name))


def _classes(module: ModuleType) -> list[type]:
    """Return the classes that a packaged module defines."""
    return [
        value
        for value in vars(module).values()
        if isinstance(value, type) and demangle(value.__module__) == demangle(module.__name__)
    ]


def _short(symbol: str) -> str:
    return symbol.rpartition(".")[2]
