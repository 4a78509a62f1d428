"""What is installed: the distributions of an environment, with the modules that only a real import can tell about."""

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import msgspec

from tpkg_analyzer.scan.resolver import Location, ModuleKind, Resolver
from tpkg_analyzer.scan.toplevel.versions import installed_versions, normalised, split_metadata_folder
from tpkg_analyzer.sources.files import Files
from tpkg_analyzer.sources.interpreter import Interpreter

STANDARD = "python"
"""Stands for the standard library, which no distribution brings."""


@dataclass(frozen=True, slots=True)
class Distribution:
    """One installed distribution: its top-level modules, and its compiled modules by dotted name."""

    name: str
    version: str
    tops: tuple[str, ...]
    compiled: tuple[str, ...] = ()
    modules: tuple[str, ...] = ()
    """Every other module that it brings."""


def distributions(files: Files, interpreter: Interpreter) -> Iterator[Distribution]:
    """Yield what is installed, the standard library first; editable installs are somebody's own code and left out."""
    resolver = Resolver(files, interpreter, ())
    compiled = tuple(name for name in sorted(interpreter.stdlib_names) if _is_compiled(resolver.find(name)))
    yield Distribution(STANDARD, ".".join(map(str, interpreter.version)), (), compiled)
    seen: set[str] = set()
    for folder in interpreter.search_path:
        for entry in sorted(files.entries(folder)):
            named = split_metadata_folder(entry)
            if named is None or normalised(named[0]) in seen:
                continue
            seen.add(normalised(named[0]))
            info = os.path.join(folder, entry)
            if not _is_editable(files, info):
                yield _distribution(normalised(named[0]), named[1], _recorded(files, info), interpreter)


def versions_of(files: Files, interpreter: Interpreter) -> dict[str, str]:
    """Return the versions of what is installed by name, the standard library's as well."""
    version = ".".join(map(str, interpreter.version))
    return {STANDARD: version, **installed_versions(files, interpreter.search_path)}


def distribution_of(module: str, installed: Iterable[Distribution]) -> Distribution | None:
    """Return the distribution that brings a module, None for the standard library and first-party code."""
    top = module.partition(".")[0]
    found = [item for item in installed if top in item.tops]
    exact = [item for item in found if module in item.modules or module in item.compiled]
    return next(iter(exact or found), None)


def _distribution(name: str, version: str, paths: Iterable[str], interpreter: Interpreter) -> Distribution:
    tops: dict[str, None] = {}
    compiled: dict[str, None] = {}
    modules: dict[str, None] = {}
    suffixes = sorted(interpreter.extension_suffixes, key=len, reverse=True)
    for path in paths:
        suffix = next((item for item in (*suffixes, ".py") if path.endswith(item)), None)
        parts = path[: -len(suffix)].split("/") if suffix else []
        if not parts or not all(part.isidentifier() for part in parts):
            continue
        tops[parts[0]] = None
        is_init = parts[-1] == "__init__" and len(parts) > 1
        found = modules if suffix == ".py" else compiled
        found[".".join(parts[:-1] if is_init else parts)] = None
    return Distribution(name, version, tuple(tops), tuple(compiled), tuple(modules))


def _recorded(files: Files, info: str) -> list[str]:
    try:
        record = files.read(os.path.join(info, "RECORD")).decode("utf-8", "replace")
    except OSError:
        return []
    return [line.rpartition(",")[0].rpartition(",")[0].strip('"') for line in record.splitlines()]


def _is_editable(files: Files, info: str) -> bool:
    try:
        said = msgspec.json.decode(files.read(os.path.join(info, "direct_url.json")))
    except (OSError, msgspec.DecodeError):
        return False
    details = said.get("dir_info") if isinstance(said, dict) else None
    return isinstance(details, dict) and bool(details.get("editable"))


def _is_compiled(location: Location | None) -> bool:
    return location is not None and location.kind is ModuleKind.EXTENSION
