"""The versions of what a package leaves to its environment: recorded at export, compared at load."""

import json
import platform
import re
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib import metadata

_VERSION_LINE = re.compile(r"^Version:[ \t]*(\S+)[ \t\r]*$", re.MULTILINE)


class PackageVersionWarning(UserWarning):
    """A package is loaded beside other versions than it was made with."""


@dataclass(frozen=True, slots=True)
class Difference:
    """A distribution, or Python itself, whose version is another one here; `here` is None where it is missing."""

    name: str
    recorded: str
    here: str | None

    def __str__(self) -> str:
        return f"{self.name} {self.recorded} (here: {self.here or 'not installed'})"


def versions_of(modules: Iterable[str]) -> dict[str, str]:
    """Return the version of each distribution that provides one of `modules`, by its name; without the stdlib."""
    tops = {module.partition(".")[0] for module in modules} - sys.stdlib_module_names
    versions: dict[str, str] = {}
    providers: Mapping[str, list[str]] | None = None
    for top in sorted(tops):
        version = installed_version(top)
        if version is not None:
            versions[top] = version
            continue
        providers = metadata.packages_distributions() if providers is None else providers
        for name in providers.get(top, []):
            versions[name] = metadata.version(name)
    return versions


def installed_version(distribution: str) -> str | None:
    """Return the version of an installed distribution, None where there is none of that name."""
    try:
        found = metadata.distribution(distribution)
    except (metadata.PackageNotFoundError, ValueError):
        return None
    # Parsing all of it, descriptions included, takes longer than opening a package.
    header = (found.read_text("METADATA") or "").partition("\n\n")[0]
    line = _VERSION_LINE.search(header)
    return found.version if line is None else line[1]


def to_record(versions: Mapping[str, str]) -> bytes:
    """Return the record of versions."""
    return json.dumps({"distributions": versions}, indent=1, sort_keys=True).encode()


def differences(record: bytes | None, python: str | None) -> list[Difference]:
    """Return what is different here: Python by its minor version, distributions by their public version."""
    found = []
    here = platform.python_version()
    if python and python.split(".")[:2] != here.split(".")[:2]:
        found.append(Difference("Python", python, here))
    for name, recorded in _recorded(record).items():
        installed = installed_version(name)
        if installed is None or installed.partition("+")[0] != recorded.partition("+")[0]:
            found.append(Difference(name, recorded, installed))
    return found


def _recorded(record: bytes | None) -> dict[str, str]:
    """Return the versions of a record; what cannot be read says nothing, since nothing depends on it."""
    try:
        content = json.loads(record) if record else {}
        distributions = content.get("distributions", {}) if isinstance(content, dict) else {}
        return {str(name): str(version) for name, version in dict(distributions).items()}
    except (ValueError, TypeError, RecursionError):
        return {}
