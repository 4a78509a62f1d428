"""What can be wrong with an archive."""

from collections.abc import Iterable
from difflib import get_close_matches

_SHOWN = 20


class ArchiveError(RuntimeError):
    """A file is no archive of the expected kind, or is damaged. The original raises a bare RuntimeError."""


class ArchiveNotFoundError(ArchiveError, FileNotFoundError):
    """There is no file at the given path."""


class RecordNotFoundError(ArchiveError, FileNotFoundError):
    """An archive has no record of the name that was asked for."""


def describe_missing(wanted: str, present: Iterable[str]) -> str:
    """Return the sentences that help who asked for `wanted`: the nearest name, and what there is."""
    names = sorted(present)
    if not names:
        return "There is nothing."
    near = get_close_matches(wanted, names, n=1)
    shown = ", ".join(names[:_SHOWN]) + (f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else "")
    return (f"Did you mean '{near[0]}'? " if near else "") + f"There is: {shown}."
