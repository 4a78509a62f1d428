"""Whether a package can be exported and loaded, by doing it in a child process."""

from tpkg_analyzer.config.load import Config
from tpkg_analyzer.confirm.child import ask_probe
from tpkg_analyzer.confirm.request import request_for
from tpkg_analyzer.model.package import Package
from tpkg_analyzer.sources.interpreter import Interpreter
from tpkg_runtime.wire.messages import Answer, Experiment, ExperimentKind, Verdict


def prove(config: Config, interpreter: Interpreter, package: Package) -> tuple[bool, str]:
    """Export `package` and open what comes out; return whether both work, and what was seen. Runs the user's code."""
    experiment = Experiment(0, ExperimentKind.LOAD_RAISES, "", package.name)
    outcome = ask_probe(interpreter.executable, request_for(config, package, [experiment]))
    answer = next((item for item in outcome.messages if isinstance(item, Answer)), None)
    if answer is None:
        return False, f"package {package.name} could not be tried: {outcome.failure or 'the probe was silent'}"
    return answer.verdict is Verdict.REFUTED, f"package {package.name}: {answer.evidence}"
