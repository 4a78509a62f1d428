"""What an experiment comes to, and the words that evidence is made of."""

import importlib
import io
from types import ModuleType
from typing import Any

from tpkg_runtime.probe.trial import Trial
from tpkg_runtime.wire.messages import Verdict

Judgement = tuple[Verdict, str]
Raised = (Exception, SystemExit)
"""What packaged code may raise at any time; SystemExit of user code must not end the probe."""

_SHOWN = 80
_SAID = 160


def described(error: BaseException) -> str:
    """Return class and first line of an exception."""
    said = next((line.strip() for line in str(error).splitlines() if line.strip()), "without a word")
    said = said if len(said) <= _SAID else f"{said[: _SAID - 1]}…"
    return f"{type(error).__name__}: {said}"


def exported(trial: Trial) -> str:
    """Return the words for an export of the package."""
    return f"exported {trial.request.package} with {trial.runtime.name}"


def shortened(text: str) -> str:
    """Return the text so that it fits into a line of evidence."""
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 1]}…"


def host_module(name: str) -> ModuleType:
    """Import a module of the host."""
    return importlib.import_module(name)


def saved_alone(trial: Trial, value: Any, protocol: int = 3) -> Any:
    """Save one object with everything extern, and return an importer of that package. Raises what that raises."""
    archive = io.BytesIO()
    with trial.runtime.exporter(archive) as exporter:
        exporter.extern("**")
        exporter.save_pickle("tpkg_probe", "alone.pkl", value, pickle_protocol=protocol)
    return trial.runtime.importer(io.BytesIO(archive.getvalue()))
