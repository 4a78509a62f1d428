"""The experiments: one function a kind, from a trial and a prediction to a verdict with its evidence."""

from collections.abc import Callable

from tpkg_runtime.probe import of_ending, of_export, of_import, of_pickle, of_state, of_value
from tpkg_runtime.probe.judgement import Judgement, Raised, described
from tpkg_runtime.probe.trial import Trial
from tpkg_runtime.wire.messages import Experiment, ExperimentKind, Verdict

_JUDGES: dict[ExperimentKind, Callable[[Trial, Experiment], Judgement]] = {
    ExperimentKind.EXPORT_ERROR: of_export.export_error,
    ExperimentKind.EXPORT_RAISES: of_export.export_raises,
    ExperimentKind.NO_ACTION_BELOW: of_export.no_action_below,
    ExperimentKind.PATTERN_UNUSED: of_export.pattern_unused,
    ExperimentKind.MAIN_OBJECT: of_export.main_object,
    ExperimentKind.DROPPED: of_export.dropped,
    ExperimentKind.LOAD_RAISES: of_export.load_raises,
    ExperimentKind.RESOURCE_MISSING: of_import.resource_missing,
    ExperimentKind.RESOURCE_LOST: of_import.resource_lost,
    ExperimentKind.IMPORT_RAISES: of_ending.import_raises,
    ExperimentKind.NAME_MISSING: of_import.name_missing,
    ExperimentKind.HOST_IMPORT: of_import.host_import,
    ExperimentKind.PAST_PACKAGE: of_import.past_package,
    ExperimentKind.LAZY_NAMES: of_import.lazy_names,
    ExperimentKind.REPLACED_MODULE: of_import.replaced_module,
    ExperimentKind.MANGLED_NAME: of_import.mangled_name,
    ExperimentKind.IMPORTABLE: of_import.importable,
    ExperimentKind.GARBLED: of_import.garbled,
    ExperimentKind.SUBMODULE_MISSING: of_value.submodule_missing,
    ExperimentKind.RAISES_INSIDE: of_value.raises_inside,
    ExperimentKind.DIFFERS_INSIDE: of_value.differs_inside,
    ExperimentKind.GIVES_LOADER: of_value.gives_loader,
    ExperimentKind.DISTRIBUTION: of_value.distribution,
    ExperimentKind.LOAD_TWICE_RAISES: of_state.load_twice_raises,
    ExperimentKind.REGISTERS: of_state.registers,
    ExperimentKind.OWN_STATE: of_state.own_state,
    ExperimentKind.OWN_BINDING: of_state.own_binding,
    ExperimentKind.OWN_CLASS: of_state.own_class,
    ExperimentKind.PATCHED: of_state.patched,
    ExperimentKind.FILLS_TABLE: of_state.fills_table,
    ExperimentKind.UNPICKLABLE: of_pickle.unpicklable,
    ExperimentKind.REDUCED: of_pickle.reduced,
    ExperimentKind.PROTOCOL: of_pickle.protocol,
    ExperimentKind.TEMPORARY: of_pickle.temporary,
    ExperimentKind.REEXPORTED: of_pickle.reexported,
    ExperimentKind.ESCAPES: of_pickle.escapes,
}

DECIDED_BY_EXPORT = frozenset(
    {
        ExperimentKind.EXPORT_ERROR,
        ExperimentKind.EXPORT_RAISES,
        ExperimentKind.NO_ACTION_BELOW,
        ExperimentKind.PATTERN_UNUSED,
        ExperimentKind.MAIN_OBJECT,
    }
)
"""What is answered before any packaged code runs, which may end the process."""

_WITHOUT_LOADING = DECIDED_BY_EXPORT | {
    ExperimentKind.DROPPED,
    ExperimentKind.LOAD_RAISES,
    ExperimentKind.UNPICKLABLE,
    ExperimentKind.REDUCED,
    ExperimentKind.PROTOCOL,
    ExperimentKind.TEMPORARY,
}

DECIDED_BY_WATCHING = frozenset({ExperimentKind.PAST_PACKAGE})
"""What is answered when all of the package was imported, and its smoke function has run."""


def judge(trial: Trial, experiment: Experiment) -> Judgement:
    """Try one prediction. Whatever user code raises unasked leaves it open, with the reason."""
    try:
        if experiment.kind not in _WITHOUT_LOADING:
            _ = trial.first  # an import that has nothing to import from is not one that raises
        return _JUDGES[experiment.kind](trial, experiment)
    except Raised as error:
        return Verdict.OPEN, f"could not be tried: {described(error)}"
