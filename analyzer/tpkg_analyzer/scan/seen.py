"""What real processes saw of installed distributions: remembered by environment, distribution and version.

First-party code is never learned this way: it changes without its version. What is remembered makes later predictions
exact where sources cannot tell: compiled modules, finders, what a process makes up.
"""

from collections.abc import Iterable, Mapping

import msgspec

from tpkg_analyzer.scan.known import Failure, Known
from tpkg_analyzer.sources.store import Store

_PREFIX = "seen:3:"


class Outcome(msgspec.Struct, frozen=True, omit_defaults=True):
    """What one import did. `error` and its classes are empty where it worked.

    `missing` is the module that was not found, `left` are the modules that
    stayed loaded after an error; `made` the names in `sys.modules` that no finder gives,
    each with its file; `names` the names in a compiled module. Of an import that has `timed_out` nothing is known.
    """

    module: str
    error: str = ""
    type: str = ""
    base: str = ""
    missing: str = ""
    left: tuple[str, ...] = ()
    made: dict[str, str] = {}
    names: tuple[str, ...] = ()
    timed_out: bool = False


class SeenImports:
    """The outcomes of one environment, by distribution and version."""

    def __init__(self, store: Store, executable: str, version: tuple[int, ...] = ()) -> None:
        self._store = store
        self._prefix = f"{_PREFIX}{executable}:{'.'.join(map(str, version))}:"

    def remember(self, distribution: str, version: str, outcomes: Iterable[Outcome]) -> None:
        """Keep what a process saw of one distribution, beside what is known of other modules of this version."""
        seen = (item for item in outcomes if not item.timed_out)
        every = {item.module: item for item in (*self.outcomes(distribution, version), *seen)}
        self._store.replace(self._key(distribution, version), msgspec.json.encode(list(every.values())))
        listed = self._listed() | {distribution: version}
        self._store.replace(self._prefix, msgspec.json.encode(listed))

    def outcomes(self, distribution: str, version: str) -> tuple[Outcome, ...]:
        """Return what is remembered of one distribution, nothing where it was never asked about."""
        kept = self._store.get(self._key(distribution, version))
        try:
            return msgspec.json.decode(kept, type=tuple[Outcome, ...]) if kept is not None else ()
        except msgspec.MsgspecError:
            return ()

    def known(self, installed: Mapping[str, str]) -> Known:
        """Return what is remembered of the distributions in these versions together."""
        listed = self._listed()
        every = [
            item
            for name, version in listed.items()
            if installed.get(name) == version
            for item in self.outcomes(name, version)
        ]
        return Known(
            seen=frozenset(item.module for item in every if not item.type),
            failed={
                item.module: Failure(item.type, item.base, item.error, item.missing, item.left)
                for item in every
                if item.type
            },
            made={item.module: item.made for item in every if item.made},
            names={item.module: frozenset(item.names) for item in every if item.names},
        )

    def forget(self) -> None:
        """Remember nothing of this environment any more."""
        self._store.replace(self._prefix, b"{}")

    def _listed(self) -> dict[str, str]:
        kept = self._store.get(self._prefix)
        try:
            return msgspec.json.decode(kept, type=dict[str, str]) if kept is not None else {}
        except msgspec.MsgspecError:
            return {}

    def _key(self, distribution: str, version: str) -> str:
        return f"{self._prefix}{distribution}:{version}"
