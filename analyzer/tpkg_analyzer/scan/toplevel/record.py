"""Objects of the standard library of which some attributes are known."""

import re
from collections.abc import Mapping
from typing import NamedTuple

from tpkg_analyzer.scan.toplevel.values import Comparable, Value


class Record(Comparable):
    """A modelled object, such as a module's spec: truthy, compared by identity, other attributes unknown."""

    def __init__(self, **attributes: Value) -> None:
        self.attributes = attributes


class Match(Record):
    """What a regular expression has found; its groups are its items."""

    def __init__(self, found: re.Match[str], methods: Mapping[str, Value]) -> None:
        super().__init__(**methods)
        self.found = found


class VersionInfo(NamedTuple):
    """`sys.version_info`."""

    major: int
    minor: int
    micro: int
    releaselevel: str = "final"
    serial: int = 0
