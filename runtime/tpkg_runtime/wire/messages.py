"""The request to a probe, one JSON document, and its answers, one JSON document a line.

A probe is a child process in the user's interpreter that exports and imports for real. Every message carries the
version of this module's format; a side that meets another version refuses it.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import Enum
from typing import Any

VERSION = 1


class ExperimentKind(Enum):
    """What a probe can try."""

    EXPORT_ERROR = "export-error"
    """The export names `symbol` as broken."""
    HOST_IMPORT = "host-import"
    """The import that `expression` makes in the packaged `module` does not give the package's own `symbol`."""
    OWN_STATE = "own-state"
    """`symbol` of `module` is another object in each package and in the host."""
    OWN_CLASS = "own-class"
    """The class `symbol` of the package and that of the host do not know each other's instances."""


class Verdict(Enum):
    """How an experiment ended."""

    CONFIRMED = "confirmed"
    REFUTED = "refuted"
    OPEN = "open"


@dataclass(frozen=True, slots=True)
class Experiment:
    """One prediction to try; `id` comes back with the verdict."""

    id: int
    kind: ExperimentKind
    module: str
    symbol: str
    expression: str = ""


@dataclass(frozen=True, slots=True)
class ProbeAction:
    """One call of intern, extern, mock or deny."""

    action: str
    include: tuple[str, ...]
    exclude: tuple[str, ...] = ()
    allow_empty: bool = True


@dataclass(frozen=True, slots=True)
class Request:
    """A package to export, the folders that its modules are imported from, and what to try with it."""

    package: str
    modules: tuple[str, ...]
    objects: tuple[tuple[str, str | None], ...]
    actions: tuple[ProbeAction, ...]
    paths: tuple[str, ...]
    experiments: tuple[Experiment, ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """The verdict on one experiment, with one line of evidence."""

    id: int
    verdict: Verdict
    evidence: str


class WireError(Exception):
    """A message that is not of this format."""


def encode(message: Request | Answer) -> str:
    """Return a message as one line of JSON."""
    return json.dumps({"version": VERSION, **asdict(message)}, default=lambda item: item.value)


def decode_request(text: str) -> Request:
    """Read a request. Raises WireError."""
    fields = _fields(text)
    try:
        return Request(
            package=fields["package"],
            modules=tuple(fields["modules"]),
            objects=tuple((module, cls) for module, cls in fields["objects"]),
            actions=tuple(
                ProbeAction(item["action"], tuple(item["include"]), tuple(item["exclude"]), item["allow_empty"])
                for item in fields["actions"]
            ),
            paths=tuple(fields["paths"]),
            experiments=tuple(
                Experiment(item["id"], ExperimentKind(item["kind"]), item["module"], item["symbol"], item["expression"])
                for item in fields["experiments"]
            ),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise WireError(f"not a request: {error!r}") from None


def decode_answer(text: str) -> Answer:
    """Read an answer. Raises WireError."""
    fields = _fields(text)
    try:
        return Answer(int(fields["id"]), Verdict(fields["verdict"]), str(fields["evidence"]))
    except (KeyError, TypeError, ValueError) as error:
        raise WireError(f"not an answer: {error!r}") from None


def _fields(text: str) -> Mapping[str, Any]:
    try:
        fields = json.loads(text)
    except ValueError as error:
        raise WireError(f"not JSON: {error}") from None
    if not isinstance(fields, dict) or fields.get("version") != VERSION:
        raise WireError(f"not a message of version {VERSION}")
    return fields
