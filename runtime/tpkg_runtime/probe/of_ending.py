"""Where an import from the package ends, and the experiment that looks there."""

import inspect
from types import TracebackType

from tpkg_runtime.probe.judgement import Judgement, Raised, described, host_module
from tpkg_runtime.probe.statements import statement_at
from tpkg_runtime.probe.trial import Trial
from tpkg_runtime.spec.mangling import demangle, is_mangled
from tpkg_runtime.wire.messages import Experiment, Verdict


def import_raises(trial: Trial, experiment: Experiment) -> Judgement:
    """Import a module from the package that the host imports without an error, and look where it ends."""
    host = host_module(experiment.module)
    try:
        trial.packaged(experiment.module)
    except Raised as error:
        ending = where_it_ends(error, experiment.module)
        if experiment.expression and ending is None:
            return Verdict.OPEN, f"could not be tried: {described(error)}"
        if experiment.expression and ending is not None:
            return _at_a_line(ending, inspect.getsource(host), int(experiment.expression), trial, error)
        return Verdict.CONFIRMED, f"imported from the package with {trial.runtime.name}: {described(error)}"
    return Verdict.REFUTED, f"imported from the package with {trial.runtime.name}: without an error"


def _at_a_line(ending: TracebackType, source: str, line: int, trial: Trial, error: BaseException) -> Judgement:
    """Hold where an import ends against a statement; one that it does not reach is run by itself."""
    ends = ending.tb_lineno
    statement = statement_at(source, line)
    if ends in statement.lines:
        return Verdict.CONFIRMED, f"imported from the package with {trial.runtime.name}: {described(error)}"
    if ends >= statement.lines.stop:
        return Verdict.REFUTED, f"the import gets past it to line {ends}: {described(error)}"
    before = f"the import ends in line {ends} before it"
    try:
        exec(statement.code, dict(ending.tb_frame.f_globals))  # noqa: S102 - of the package
    except NameError as missing:
        return Verdict.OPEN, f"could not be tried: {before}, and by itself: {described(missing)}"
    except Raised as own:
        return Verdict.CONFIRMED, f"{before}; run by itself with {trial.runtime.name}: {described(own)}"
    return Verdict.OPEN, f"could not be tried: {before}, and by itself it raises nothing"


def where_it_ends(error: BaseException, module: str) -> TracebackType | None:
    """Return the step of an error at the top level of a module whose import from a package has ended."""
    trace = error.__traceback__
    while trace is not None:
        name = str(trace.tb_frame.f_globals.get("__name__", ""))
        if trace.tb_frame.f_code.co_name == "<module>" and is_mangled(name) and demangle(name) == module:
            return trace
        trace = trace.tb_next
    return None
