"""Experiments that evaluate an expression in the packaged module, and compare its value with the host's."""

import importlib.metadata
import logging
import os
import re
from collections.abc import Iterator
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

from tpkg_runtime.probe.judgement import Judgement, Raised, described, host_module, shortened
from tpkg_runtime.probe.trial import Trial
from tpkg_runtime.spec.mangling import is_mangled
from tpkg_runtime.wire.messages import Experiment, Verdict

_ADDRESS = re.compile(r" at 0x[0-9a-f]+")
_MANY = 50


def raises_inside(trial: Trial, experiment: Experiment) -> Judgement:
    """Evaluate an expression that raises in the package alone."""
    if (missing := _not_in_host(experiment)) is not None:
        return missing
    found = _raised_inside(trial, experiment)
    return found or (Verdict.REFUTED, f"{_text(trial, experiment)}: without an error")


def submodule_missing(trial: Trial, experiment: Experiment) -> Judgement:
    """Evaluate an expression that needs a module, which something has imported in the host."""
    host_module(experiment.symbol)
    if experiment.symbol in trial.interned:
        return Verdict.REFUTED, f"the package holds {experiment.symbol}"
    return raises_inside(trial, experiment)


def differs_inside(trial: Trial, experiment: Experiment) -> Judgement:
    """Evaluate an expression in the host, in the package, and in the package where the project is not installed."""
    if (missing := _not_in_host(experiment)) is not None:
        return missing
    if (found := _raised_inside(trial, experiment)) is not None:
        return found
    host = _shown(_value(host_module(experiment.module), experiment))
    value = _value(trial.packaged(experiment.module), experiment)
    inside, text = _shown(value), _text(trial, experiment)
    if inside != host:
        said = f"{text} gives {shortened(inside)}, in the host's {shortened(host)}"
        return Verdict.CONFIRMED, f"{said}{trial.note()}"
    with trial.alone(experiment.module) as module:
        alone = _shown(_value(module, experiment))
    if alone != inside:
        said = f"{text} gives {shortened(inside)}, and {shortened(alone)} where the project is not installed"
        return Verdict.CONFIRMED, f"{said}{trial.note()}"
    return _entry_points(text, value) or (Verdict.REFUTED, f"{text} gives {shortened(inside)} everywhere")


def gives_loader(trial: Trial, experiment: Experiment) -> Judgement:
    """Evaluate an expression that makes a spec or a loader, and look at whose it is."""
    if (missing := _not_in_host(experiment)) is not None:
        return missing
    text = _text(trial, experiment)
    try:
        value = _value(trial.packaged(experiment.module), experiment)
    except Raised as error:
        return Verdict.CONFIRMED, f"{text}: {described(error)}{trial.note()}"
    loader = value.loader if isinstance(value, ModuleSpec) else value
    home = type(loader).__module__
    if loader is None or is_mangled(home):
        return Verdict.REFUTED, f"{text} gives {shortened(_shown(value))}"
    return Verdict.CONFIRMED, f"{text} gives a {type(loader).__name__} of the host{trial.note()}"


def distribution(trial: Trial, experiment: Experiment) -> Judgement:
    """Ask for a distribution's metadata in the package, and whether the package holds its modules."""
    text = _text(trial, experiment)
    try:
        version = importlib.metadata.version(experiment.symbol)
    except importlib.metadata.PackageNotFoundError as error:
        return Verdict.CONFIRMED, f"{text}: {described(error)}{trial.note()}"
    homes = importlib.metadata.packages_distributions()
    normal = _normal(experiment.symbol)
    tops = {top for top, names in homes.items() if normal in {_normal(name) for name in names}}
    held = sorted(name for name in trial.interned if name.partition(".")[0] in tops)
    if not held:
        return Verdict.REFUTED, f"the package holds no module of {experiment.symbol} {version}"
    return Verdict.CONFIRMED, f"{text} tells of {version}, which the host has installed; the package holds {held[0]}"


def _not_in_host(experiment: Experiment) -> Judgement | None:
    """Return why an expression cannot be evaluated at the top of the host's module, None where it can."""
    try:
        _value(host_module(experiment.module), experiment)
    except SyntaxError:
        return Verdict.OPEN, f"could not be tried: `{shortened(experiment.expression)}` is no expression"
    except NameError as error:
        name = getattr(error, "name", None) or "names"
        return Verdict.OPEN, f"could not be tried: the code needs `{name}` of the function that it stands in"
    except Raised as error:
        return Verdict.OPEN, f"could not be tried: it raises in the host as well, {described(error)}"
    return None


def _raised_inside(trial: Trial, experiment: Experiment) -> Judgement | None:
    text = _text(trial, experiment)
    try:
        _value(trial.packaged(experiment.module), experiment)
    except Raised as error:
        return Verdict.CONFIRMED, f"{text}: {described(error)}{trial.note()}"
    try:
        with trial.alone(experiment.module) as module:
            _value(module, experiment)
    except Raised as error:
        return Verdict.CONFIRMED, f"{text}, where the project is not installed: {described(error)}{trial.note()}"
    return None


def _value(module: ModuleType, experiment: Experiment) -> Any:
    return eval(experiment.expression, dict(vars(module)))


def _text(trial: Trial, experiment: Experiment) -> str:
    return f"{shortened(experiment.expression)} in {trial.packaged(experiment.module).__name__}"


def _shown(value: Any, depth: int = 2) -> str:
    """Return a text that is the same for values that a program cannot tell apart."""
    if isinstance(value, ModuleType):
        return f"module {value.__name__}"
    if isinstance(value, type):
        return f"{value.__module__}.{value.__qualname__}"
    if isinstance(value, ModuleSpec):
        return f"spec of {value.name} at {value.origin}"
    if isinstance(value, logging.Logger):
        return f"logger {value.name!r}"
    if isinstance(value, os.PathLike):
        return str(value)
    if depth and (isinstance(value, (list, tuple, set, frozenset, Iterator)) and type(value).__repr__ is not None):
        items = [_shown(item, depth - 1) for _, item in zip(range(_MANY), value, strict=False)]
        return f"{len(items)} items ({', '.join(items)})" if items else "no items"
    return _ADDRESS.sub("", repr(value))


def _entry_points(text: str, value: Any) -> Judgement | None:
    """Judge a search for entry points: those of the host are what the package must not use."""
    groups = value.values() if isinstance(value, dict) else [value]
    if not all(isinstance(group, tuple | list) for group in groups):
        return None
    items = [item for group in groups for item in group]
    if isinstance(value, (importlib.metadata.EntryPoints, dict)) and not items:
        return Verdict.OPEN, f"{text} names none here"
    if items and all(isinstance(item, importlib.metadata.EntryPoint) for item in items):
        return Verdict.CONFIRMED, f"{text} names {len(items)} of the host, such as {items[0].value}"
    return None


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
