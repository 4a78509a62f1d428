"""Sees what packaged code does to the process: imports past the package, calls that register something, patches."""

import importlib
import importlib.util
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import wraps
from types import FrameType
from typing import Any

from tpkg_runtime.spec.mangling import demangle, is_mangled
from tpkg_runtime.wire.messages import SeenImport

ABSENT = object()
"""Stands for an attribute that is not there."""


@dataclass(slots=True)
class Record:
    """What was seen of one package: imports in their order, and by function who called it: mangled module and line."""

    interned: frozenset[str]
    imports: dict[SeenImport, None] = field(default_factory=dict)
    calls: dict[str, list[tuple[str, int]]] = field(default_factory=dict)


class Observer:
    """Watches `importlib.import_module` and the functions that are named to it, as long as the process lives."""

    def __init__(self, functions: Iterable[str]) -> None:
        self.before: dict[str, Any] = {}
        """What attributes of modules and classes were before any packaged code ran, by their dotted names."""
        self._record: Record | None = None
        self._doing = ""
        self._watch_imports()
        for function in dict.fromkeys(functions):
            with suppress(ImportError, AttributeError):
                self._watch_calls(function)

    def remember(self, attributes: Iterable[str]) -> None:
        """Keep what attributes of the host are now; those whose owner cannot be imported are left out."""
        for attribute in attributes:
            with suppress(Exception, SystemExit):
                owner, name = owner_of(attribute)
                self.before[attribute] = getattr(owner, name, ABSENT)

    def put_back(self) -> None:
        """Let the attributes be what they were: an export imports the host's own copies of what it packs."""
        for attribute, value in self.before.items():
            owner, name = owner_of(attribute)
            if value is not ABSENT:
                setattr(owner, name, value)
            elif hasattr(owner, name):
                delattr(owner, name)

    @contextmanager
    def noting(self, record: Record, doing: str) -> Iterator[None]:
        """Add to `record` what packaged code asks for within the `with`; outside of one, nothing is noted."""
        before = self._record, self._doing
        self._record, self._doing = record, doing
        try:
            yield
        finally:
            self._record, self._doing = before

    def _watch_imports(self) -> None:
        original = importlib.import_module

        def import_module(name: str, package: str | None = None) -> Any:
            caller, record = _packaged_caller(sys._getframe(1)), self._record
            if caller is not None and record is not None:
                module, line = caller
                with suppress(ImportError, ValueError, TypeError):  # the import itself will raise it
                    target = demangle(importlib.util.resolve_name(name, package))
                    seen = SeenImport(demangle(module), line, target, target in record.interned, self._doing)
                    record.imports[seen] = None
            return original(name, package)

        importlib.import_module = import_module

    def _watch_calls(self, function: str) -> None:
        owner, name = owner_of(function)
        original = getattr(owner, name)

        @wraps(original)
        def call(*arguments: Any, **options: Any) -> Any:
            caller = _packaged_caller(sys._getframe(1))
            if caller is not None and self._record is not None:
                self._record.calls.setdefault(function, []).append(caller)
            return original(*arguments, **options)

        setattr(owner, name, call)


def owner_of(attribute: str) -> tuple[Any, str]:
    """Return the module or class that a dotted name ends in, and the last part of the name."""
    holder, _, name = attribute.rpartition(".")
    try:
        return importlib.import_module(holder), name
    except ImportError:
        module, _, cls = holder.rpartition(".")
        return getattr(importlib.import_module(module), cls), name


def _packaged_caller(frame: FrameType) -> tuple[str, int] | None:
    """Return module and line of the code that called, None if it is not packaged: importers fetch externs that way."""
    name = str(frame.f_globals.get("__name__", ""))
    return (name, frame.f_lineno) if is_mangled(name) else None
