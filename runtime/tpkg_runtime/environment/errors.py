"""What an importer says when an object cannot be named; the classes of an installed torch.package count as ours."""

import sys


class ObjNotFoundError(Exception):
    """An importer has nothing under the name of an object."""


class ObjMismatchError(Exception):
    """An importer has another object under the name of an object."""


def naming_errors() -> tuple[type[Exception], ...]:
    """Return the errors by which importers, ours and those of a loaded torch.package, refuse to name an object."""
    original = sys.modules.get("torch.package.importer")
    if original is None:
        return ObjNotFoundError, ObjMismatchError
    return ObjNotFoundError, ObjMismatchError, original.ObjNotFoundError, original.ObjMismatchError
