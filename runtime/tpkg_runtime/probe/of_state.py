"""Experiments that need a host and two packages: what each has of its own, and what all of them share."""

import inspect
from collections.abc import Iterator
from typing import Any

from tpkg_runtime.probe.judgement import Judgement, Raised, described, host_module, shortened
from tpkg_runtime.probe.observer import ABSENT, owner_of
from tpkg_runtime.probe.of_ending import where_it_ends
from tpkg_runtime.probe.statements import statement_at
from tpkg_runtime.probe.trial import Trial, reach
from tpkg_runtime.spec.mangling import demangle, is_mangled
from tpkg_runtime.wire.messages import Experiment, Verdict


def load_twice_raises(trial: Trial, experiment: Experiment) -> Judgement:
    """Import a module from two packages."""
    host_module(experiment.module)
    for time, error in _raised_at_loads(trial, experiment.module):
        return Verdict.CONFIRMED, f"imported from a {time} package beside the host's: {described(error)}"
    return Verdict.REFUTED, "imported from two packages beside the host's: without an error"


def registers(trial: Trial, experiment: Experiment) -> Judgement:
    """Import a module from two packages, and look whether a statement calls a function of the process each time."""
    source = inspect.getsource(host_module(experiment.module))
    lines = statement_at(source, int(experiment.expression)).lines
    raised = list(_raised_at_loads(trial, experiment.module))
    for time, error in raised:
        ending = where_it_ends(error, experiment.module)
        if ending is not None and ending.tb_lineno in lines:
            return Verdict.CONFIRMED, f"imported from a {time} package beside the host's: {described(error)}"
    calls = trial.record.calls.get(experiment.symbol, [])
    loads = {name for name, line in calls if demangle(name) == experiment.module and line in lines}
    if loads:
        return Verdict.CONFIRMED, f"{experiment.symbol} is called at each load, by {' and '.join(sorted(loads))}"
    for _, error in raised:
        return Verdict.OPEN, f"could not be tried: {described(error)}"
    return Verdict.REFUTED, f"imported from two packages: {experiment.symbol} is not called"


def own_state(trial: Trial, experiment: Experiment) -> Judgement:
    """Compare an object of the host with those of two packages."""
    host = reach(host_module(experiment.module), experiment.symbol)
    first = reach(trial.packaged(experiment.module), experiment.symbol)
    second = reach(trial.packaged_again(experiment.module), experiment.symbol)
    if host is first or first is second:
        return Verdict.REFUTED, f"loaded twice: {experiment.symbol} is one object everywhere"
    sizes = [_size(value) for value in (first, second, host)]
    counts = f", with {sizes[0]} and {sizes[1]} in the packages, {sizes[2]} in the host" if all(sizes) else ""
    return Verdict.CONFIRMED, f"loaded twice: {experiment.symbol} is three objects{counts}{trial.note()}"


def own_binding(trial: Trial, experiment: Experiment) -> Judgement:
    """Assign to a name in one package, and look for the value in the other and in the host."""
    holder, _, name = experiment.symbol.rpartition(".")
    modules = (trial.packaged, trial.packaged_again, host_module)
    first, second, host = (_holder(load(experiment.module), holder) for load in modules)
    marker = object()
    held = vars(first)
    before = held.get(name, marker)
    setattr(first, name, marker)
    try:
        shared = [
            text
            for other, text in ((second, "the other package"), (host, "the host"))
            if getattr(other, name, None) is marker
        ]
    finally:
        if before is marker:
            delattr(first, name)
        else:
            setattr(first, name, before)
    if shared:
        return Verdict.REFUTED, f"loaded twice: what one package assigns to {experiment.symbol} is seen in {shared[0]}"
    said = f"loaded twice: what one package assigns to {experiment.symbol} is not seen in the other, nor in the host"
    return Verdict.CONFIRMED, f"{said}{trial.note()}"


def own_class(trial: Trial, experiment: Experiment) -> Judgement:
    """Compare a class of the host with that of the package."""
    module, _, name = experiment.symbol.rpartition(".")
    host = reach(host_module(module), name)
    packaged = reach(trial.packaged(module), name)
    shown = f"{packaged.__module__}.{packaged.__qualname__}"
    if issubclass(packaged, host) or issubclass(host, packaged):
        return Verdict.REFUTED, f"{shown} and the host's {experiment.symbol} know each other's instances"
    return Verdict.CONFIRMED, f"no {shown} is an instance of the host's {experiment.symbol}{trial.note()}"


def patched(trial: Trial, experiment: Experiment) -> Judgement:
    """Import a module, and compare what it leaves in the host's with what was there before."""
    holder, name = owner_of(experiment.symbol)
    before = trial.observer.before[experiment.symbol]
    trial.packaged(experiment.module)
    after = getattr(holder, name, ABSENT)
    if before is after:
        return Verdict.REFUTED, f"{experiment.symbol} of the host is what it was"
    home = str(getattr(after, "__module__", None) or type(after).__module__)
    what = f"{home}'s {name}" if is_mangled(home) else shortened(repr(after))
    owner = experiment.symbol.rpartition(".")[0]
    return Verdict.CONFIRMED, f"importing the package leaves {what} in the host's {owner}{trial.note()}"


def fills_table(trial: Trial, experiment: Experiment) -> Judgement:
    """Import a module, and look for something of the package in a table of the host."""
    module, _, name = experiment.symbol.rpartition(".")
    trial.packaged(experiment.module)
    table = reach(host_module(module), name)
    entries = list(table.values()) if isinstance(table, dict) else list(table)
    own = [entry for entry in entries if is_mangled(str(getattr(entry, "__module__", "")))]
    if not own:
        return Verdict.REFUTED, f"importing the package leaves nothing of it in the host's {experiment.symbol}"
    shown = f"{own[0].__module__}.{getattr(own[0], '__name__', type(own[0]).__name__)}"
    return Verdict.CONFIRMED, f"importing the package leaves {shown} in the host's {experiment.symbol}{trial.note()}"


def _raised_at_loads(trial: Trial, module: str) -> Iterator[tuple[str, BaseException]]:
    for time, load in (("first", trial.packaged), ("second", trial.packaged_again)):
        try:
            load(module)
        except Raised as error:
            yield time, error


def _holder(module: Any, dotted: str) -> Any:
    return reach(module, dotted) if dotted else module


def _size(value: Any) -> str | None:
    try:
        return f"{len(value)} entries"
    except TypeError:
        return None
