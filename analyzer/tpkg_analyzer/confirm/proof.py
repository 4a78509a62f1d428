"""Whether a package can be exported and loaded, by doing it in a child process."""

from collections.abc import Sequence

from tpkg_analyzer.config.load import Config
from tpkg_analyzer.confirm.child import ask_probe
from tpkg_analyzer.confirm.request import request_for
from tpkg_analyzer.model.package import Package
from tpkg_analyzer.sources.interpreter import Interpreter
from tpkg_runtime.wire.messages import Answer, Experiment, ExperimentKind, Verdict


def prove(
    config: Config, interpreter: Interpreter, package: Package, modules: Sequence[str]
) -> tuple[bool, tuple[str, ...]]:
    """Export `package`, open what comes out, and import `modules` from it.

    Returns whether all of that works, and what was seen, the first failure alone. Runs the user's code, in a process
    of its own.
    """
    asked = [
        Experiment(0, ExperimentKind.EXPORT_RAISES, "", BaseException.__name__),
        Experiment(1, ExperimentKind.LOAD_RAISES, "", package.name),
    ]
    asked += [Experiment(index, ExperimentKind.IMPORT_RAISES, name, name) for index, name in enumerate(modules, 2)]
    outcome = ask_probe(interpreter.executable, request_for(config, package, asked))
    answers = [item for item in outcome.messages if isinstance(item, Answer)]
    if len(answers) < len(asked):
        return False, (f"could not be tried: {outcome.failure or 'the probe was silent'}",)
    failed = next((item for item in answers if item.verdict is not Verdict.REFUTED), None)
    if failed is not None:
        return False, (failed.evidence,)
    return True, tuple(item.evidence for item in answers)
