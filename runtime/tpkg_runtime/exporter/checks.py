"""Arguments of the exporter, checked before anything happens with them."""

from collections.abc import Iterable, Sequence
from typing import Any

from tpkg_runtime.environment.importer import Importer, OrderedImporter


def as_importer(importer: Any) -> Importer:
    """Return one importer for an importer or a sequence of them. Raises TypeError for anything else."""
    if isinstance(importer, Importer):
        return importer
    if not isinstance(importer, Sequence) or isinstance(importer, str):
        raise TypeError(f"importer arg should be an Importer or a sequence of Importers, got {type(importer)} instead.")
    for each in importer:
        if not isinstance(each, Importer):
            raise TypeError(f"{each} is not a Importer. All importers in OrderedImporter must inherit from Importer.")
    return OrderedImporter(*importer)


def check_pattern(include: Any, exclude: Any) -> None:
    """Raise TypeError and ValueError for patterns that cannot match a module, or not what they seem to.

    An empty list is legal: it matches nothing, and exports are written that fill it or do not.
    """
    for argument, given in (("include", include), ("exclude", exclude)):
        if isinstance(given, bytes) or not isinstance(given, (str, Iterable)):
            raise TypeError(f"{argument} must be a pattern or a list of patterns, got {type(given).__name__}")
        for pattern in [given] if isinstance(given, str) else given:
            if not isinstance(pattern, str):
                raise TypeError(f"{argument} must hold patterns, got {type(pattern).__name__}: {pattern!r}")
            _check_segments(pattern)


def _check_segments(pattern: str) -> None:
    for segment in pattern.split("."):
        if not segment:
            raise ValueError(f"pattern {pattern!r} has an empty segment and can match no module")
        if any(character.isspace() or character in "/\\?[]" for character in segment):
            raise ValueError(
                f"pattern {pattern!r} can match no module: a segment is a name in which only '*' is special, and "
                "segments are joined by '.'"
            )
