"""Experiments that the export decides."""

import importlib
import sys

from tpkg_runtime.probe.judgement import Judgement, described, exported, saved_alone
from tpkg_runtime.probe.mains import main_module
from tpkg_runtime.probe.trial import NO_ACTION, Trial
from tpkg_runtime.spec.actions import is_implicitly_extern
from tpkg_runtime.spec.globs import GlobGroup
from tpkg_runtime.wire.messages import Experiment, Verdict


def export_error(trial: Trial, experiment: Experiment) -> Judgement:
    """Look for a module among those that the export names as broken."""
    reason = trial.attempt.broken.get(experiment.symbol)
    how = exported(trial)
    if reason is not None and experiment.expression in ("", reason):
        return Verdict.CONFIRMED, f"{how}: PackagingError names {experiment.symbol} ({reason})"
    if reason is not None:
        return Verdict.REFUTED, f"{how}: {experiment.symbol} is broken for another reason, {reason}"
    return _no_error(trial, experiment.symbol)


def no_action_below(trial: Trial, experiment: Experiment) -> Judgement:
    """Look for modules at and below a name that have no action."""
    stem = experiment.symbol.removesuffix(".*")
    broken = trial.attempt.broken.items()
    found = [name for name, reason in broken if reason == NO_ACTION and f"{name}.".startswith(f"{stem}.")]
    if found:
        return Verdict.CONFIRMED, f"{exported(trial)}: PackagingError names {found[0]} ({NO_ACTION})"
    return _no_error(trial, stem)


def export_raises(trial: Trial, experiment: Experiment) -> Judgement:
    """Compare what ends the export with what was said to end it."""
    error, how = trial.attempt.error, exported(trial)
    if error is None:
        return Verdict.REFUTED, f"{how}: it succeeds"
    same = any(kind.__name__ == experiment.symbol for kind in type(error).__mro__)
    return (Verdict.CONFIRMED if same else Verdict.REFUTED), f"{how}: {described(error)}"


def pattern_unused(trial: Trial, experiment: Experiment) -> Judgement:
    """Ask whether an action, or one pattern of it, decided about a module."""
    index, how = int(experiment.symbol), exported(trial)
    declarations = [step.declaration for step in trial.request.steps if step.declaration is not None]
    patterns, text = declarations[index].include, "the action"
    if experiment.expression:
        patterns = (patterns[int(experiment.expression)],)
        text = f"`{patterns[0]}`" if patterns[0] else "the empty pattern"
    if not trial.attempt.is_whole and index in trial.attempt.unmatched:
        return Verdict.OPEN, f"could not be tried: {described(trial.attempt.error or RuntimeError())}"
    if index in trial.attempt.unmatched:
        return Verdict.CONFIRMED, f"{how}: no module is given to {text}"
    own = GlobGroup(patterns, exclude=declarations[index].exclude)
    taken = _taken(trial, [GlobGroup(item.include, exclude=item.exclude) for item in declarations[:index]], own)
    if taken:
        return Verdict.REFUTED, f"{how}: {text} takes {taken[0]}"
    return Verdict.CONFIRMED, f"{how}: {text} takes no module, though another pattern of the same call does"


def _taken(trial: Trial, earlier: list[GlobGroup], own: GlobGroup) -> list[str]:
    """Return what the patterns take: nothing that is implicitly extern, or that an earlier action takes."""
    return sorted(
        name
        for names in trial.attempt.held.values()
        for name in names
        if own.matches(name)
        and not is_implicitly_extern(name, sys.stdlib_module_names)
        and not any(globs.matches(name) for globs in earlier)
    )


def dropped(trial: Trial, experiment: Experiment) -> Judgement:
    """Ask whether a module is in no list of the package, and why."""
    held = {name for names in trial.repaired.held.values() for name in names}
    if experiment.symbol in held:
        return Verdict.REFUTED, f"{exported(trial)}: {experiment.symbol} is in"
    try:
        importlib.import_module(experiment.symbol)
    except Exception as error:  # noqa: BLE001
        return Verdict.CONFIRMED, f"{exported(trial)}: {experiment.symbol} is left out ({described(error)})"
    return Verdict.REFUTED, f"{experiment.symbol} can be imported here"


def main_object(trial: Trial, experiment: Experiment) -> Judgement:
    """Look at what an object of the script brings, an empty class standing in for its own."""
    how, reason = exported(trial), trial.attempt.broken.get("__main__")
    if reason is not None:
        return Verdict.CONFIRMED, f"{how}: PackagingError names __main__ ({reason})"
    if "__main__" in trial.attempt.held.get("externed", ()):
        return _taken_from_script(trial, experiment.symbol)
    for action in ("interned", "mocked", "denied"):
        if "__main__" in trial.attempt.held.get(action, ()):
            return Verdict.CONFIRMED, f"{how}: __main__ is {action}, for {experiment.symbol}"
    if trial.attempt.error is not None and not trial.attempt.is_whole:
        return Verdict.OPEN, f"{how}: {described(trial.attempt.error)}"
    return Verdict.REFUTED, f"{how}: __main__ is not in it"


def _taken_from_script(trial: Trial, symbol: str) -> Judgement:
    """Save a class of the script, and load it where another script runs: the probe."""
    text = f"{symbol} saved with __main__ extern and loaded by another script, with {trial.runtime.name}"
    with main_module(trial.request):
        importer = saved_alone(trial, getattr(sys.modules["__main__"], symbol))
    try:
        importer.load_pickle("tpkg_probe", "alone.pkl")
    except Exception as error:  # noqa: BLE001
        return Verdict.CONFIRMED, f"{text}: {described(error)}"
    return Verdict.REFUTED, f"{text}: without an error"


def load_raises(trial: Trial, _: Experiment) -> Judgement:
    """Open what was exported."""
    archive = trial.repaired.archive
    try:
        trial.load()
    except Exception as error:  # noqa: BLE001
        return Verdict.CONFIRMED, f"opened with {trial.runtime.name}: {described(error)}"
    return Verdict.REFUTED, f"opened with {trial.runtime.name}: {len(archive.getvalue())} bytes, without an error"


def _no_error(trial: Trial, symbol: str) -> Judgement:
    how, error = exported(trial), trial.attempt.error
    if error is None:
        return Verdict.REFUTED, f"{how}: it succeeds"
    if isinstance(error, trial.runtime.packaging_error):
        return Verdict.REFUTED, f"{how}: PackagingError does not name {symbol}"
    return Verdict.OPEN, f"{how}: {described(error)}"
