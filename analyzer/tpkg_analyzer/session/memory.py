"""Findings that were made before: remembered for each file, with everything that they rest on.

What is found in a file depends on its text, on the modules that rules asked about, on the closures, on the settings, on
the interpreter and on this tool's own code. Where all of it is as it was, nothing is parsed, and not even the rules are
loaded.
"""

from collections.abc import Callable, Iterable, Sequence
from hashlib import blake2b

import msgspec

from tpkg_analyzer.config.load import Config
from tpkg_analyzer.config.schema import Settings
from tpkg_analyzer.model.diagnostic import Diagnostic
from tpkg_analyzer.model.package import Package
from tpkg_analyzer.scan.closure import Closure
from tpkg_analyzer.sources.interpreter import Interpreter
from tpkg_analyzer.sources.own_code import own_code
from tpkg_analyzer.sources.packing import from_plain, identifying, packed
from tpkg_analyzer.sources.store import Store

_PREFIX = "findings:"
_CRASHED = "TPK009"


class _Kept(msgspec.Struct, array_like=True):
    """Findings as they are stored: what they rest on as a whole, and the modules that were asked about."""

    rests_on: str
    asked: dict[str, str | None]
    findings: tuple[Diagnostic, ...]


_DECODER = msgspec.msgpack.Decoder(_Kept, dec_hook=from_plain)


class Memory:
    """What a store knows of the findings of one project under its settings as they are now."""

    def __init__(self, store: Store, config: Config, interpreter: Interpreter) -> None:
        self._store = store
        self._project = _digest(
            str(config.root), config.settings, interpreter.executable, interpreter.version, interpreter.search_path
        )

    def recall(self, subject: str, rests_on: str, stamp_of: Callable[[str], str | None]) -> _Kept | None:
        """Return what was found of a subject, None where anything that it rests on has changed.

        `stamp_of` tells what a module is now, as it did when the findings were remembered.
        """
        data = self._store.get(self._key(subject))
        if data is None:
            return None
        try:
            kept = _DECODER.decode(data)
        except (msgspec.MsgspecError, ValueError):
            return None  # damaged
        if kept.rests_on != rests_on or any(stamp_of(name) != stamp for name, stamp in kept.asked.items()):
            return None
        return kept

    def remember(
        self, subject: str, rests_on: str, asked: dict[str, str | None], findings: Iterable[Diagnostic]
    ) -> None:
        """Keep what was found of a subject; not where a rule crashed, which may be mended by the next run."""
        found = tuple(findings)
        if not any(item.code == _CRASHED for item in found):
            data = packed(_Kept(rests_on, asked, found))
            if data is not None:
                self._store.put(self._key(subject), data)

    def _key(self, subject: str) -> str:
        return _PREFIX + _digest(self._project, subject)


def are_approved(store: Store, settings: Settings) -> bool:
    """Tell whether the words of these settings were found to name rules by this very tool."""
    return store.get(_approval(settings)) is not None


def approve(store: Store, settings: Settings) -> None:
    """Remember that the words of these settings name rules."""
    store.put(_approval(settings), b"")


def world_of(closures: Iterable[Closure], others: Sequence[Package]) -> str:
    """Return what changes when this tool, one of the closures, or a package that nobody asks for does."""
    parts = [
        (item.package, item.modules, list(item.references.items()), item.dropped, item.empty_patterns, item.failed)
        for item in closures
    ]
    return _digest(own_code(), parts, others)


def _approval(settings: Settings) -> str:
    return f"settings:{_digest(own_code(), settings)}"


def _digest(*parts: object) -> str:
    return blake2b(identifying(parts), digest_size=16).hexdigest()
