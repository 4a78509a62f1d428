"""What an editor says of changes; apart from who takes them in, as the server says it and analyses nothing."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Change:
    """What has changed: texts of the editor by path (None: closed), and whether the disk has."""

    texts: Mapping[str, str | None] = field(default_factory=dict)
    disk: bool = False
    roots: tuple[str, ...] | None = None
    """The folders that the editor works in, where they are others than before."""
