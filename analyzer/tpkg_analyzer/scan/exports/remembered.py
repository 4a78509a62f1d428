"""Packages that were found in code before: remembered with everything that they rest on.

They depend on the modules that make the exporters, which are given; on the interpreter and on what is known from
elsewhere; on this tool's own code; and on the files and folders that were looked at while their code was evaluated.
"""

from collections.abc import Callable, Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any, get_type_hints

import msgspec

from tpkg_analyzer.model.package import ActionCall, Package, Root
from tpkg_analyzer.scan.environment import StaticEnvironment
from tpkg_analyzer.scan.exports.code import SourceModule
from tpkg_analyzer.sources.files import digest_of
from tpkg_analyzer.sources.own_code import own_code
from tpkg_analyzer.sources.packing import from_plain, packed
from tpkg_analyzer.sources.trace import Evidence, holds

_PREFIX = "exports:"

_HINTS = get_type_hints(Package)
_REST = [field.name for field in fields(Package) if field.name != "steps"]
_Rest: Any = msgspec.defstruct("_Rest", [(name, _HINTS[name]) for name in _REST], array_like=True)
"""A package without its steps."""


_Step = tuple[ActionCall | None, Root | None]
"""One of both: which of two dataclasses it is, no format tells by itself."""


class _Kept(msgspec.Struct, array_like=True):
    """Packages as they are stored."""

    tool: str
    evidence: Evidence
    packages: list[tuple[_Rest, list[_Step]]]


_DECODER = msgspec.msgpack.Decoder(_Kept, dec_hook=from_plain)


def packages_by(
    environment: StaticEnvironment,
    modules: Sequence[SourceModule],
    root: Path,
    find: Callable[[], tuple[Package, ...]],
) -> tuple[Package, ...]:
    """Return the packages that the modules export, as `find` does, from the store where nothing has changed."""
    store = environment.store
    if store is None or not modules:
        return find()
    asked = repr((str(root), [(module.name, str(module.path), module.is_package) for module in modules]))
    key = _PREFIX + digest_of(asked.encode("utf-8", "backslashreplace") + environment.identity)
    known = _found(store.get(key))
    if known is not None:
        return known
    packages = find()
    kept = _Kept(own_code(), environment.evidence(), [_as_kept(package) for package in packages])
    data = packed(kept)
    if data is not None:
        store.replace(key, data)
    return packages


def _found(data: bytes | None) -> tuple[Package, ...] | None:
    """Return the packages that are kept, where they still hold."""
    if data is None:
        return None
    try:
        kept = _DECODER.decode(data)
    except (msgspec.MsgspecError, ValueError):
        return None  # damaged
    if kept.tool != own_code() or not holds(kept.evidence):
        return None
    return tuple(_restored(rest, steps) for rest, steps in kept.packages)


def _as_kept(package: Package) -> tuple[Any, list[_Step]]:
    steps: list[_Step] = [(step, None) if isinstance(step, ActionCall) else (None, step) for step in package.steps]
    return _Rest(*(getattr(package, name) for name in _REST)), steps


def _restored(rest: Any, steps: list[_Step]) -> Package:
    one_of_both = (item for pair in steps for item in pair if item is not None)
    return Package(**msgspec.structs.asdict(rest), steps=tuple(one_of_both))
