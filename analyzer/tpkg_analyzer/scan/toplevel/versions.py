"""Version numbers in the order of PEP 440, and where installed distributions say theirs."""

import os
import re
from collections.abc import Iterable
from functools import total_ordering

from tpkg_analyzer.scan.toplevel.values import Comparable
from tpkg_analyzer.sources.files import Files

_VERSION = re.compile(
    r"\s*v?(?:(?P<epoch>\d+)!)?(?P<release>\d+(?:\.\d+)*)"
    r"(?:[-_.]?(?P<pre>a|b|c|rc|alpha|beta|pre|preview)[-_.]?(?P<pre_n>\d*))?"
    r"(?:(?:-(?P<post_n1>\d+))|(?:[-_.]?(?P<post>post|rev|r)[-_.]?(?P<post_n2>\d*)))?"
    r"(?:[-_.]?(?P<dev>dev)[-_.]?(?P<dev_n>\d*))?"
    r"(?:\+(?P<local>[a-z0-9]+(?:[-_.][a-z0-9]+)*))?\s*",
    re.IGNORECASE,
)
_DISTRIBUTION = re.compile(r"(?P<name>.+?)-(?P<version>[^-]+)\.(?:dist|egg)-info")
_STAGES = {"a": 0, "alpha": 0, "b": 1, "beta": 1, "c": 2, "rc": 2, "pre": 2, "preview": 2}


@total_ordering
class Version(Comparable):
    """A version as PEP 440 orders it. Raises ValueError for a text that is none."""

    def __init__(self, text: str) -> None:
        found = _VERSION.fullmatch(text)
        if found is None:
            raise ValueError(f"Invalid version: {text!r}")
        self.text = text.strip()
        self.release = tuple(int(part) for part in found["release"].split("."))
        is_pre, is_post, is_dev = found["pre"] is not None, bool(found["post"] or found["post_n1"]), bool(found["dev"])
        if is_pre:
            stage: tuple[int, ...] = (0, _STAGES[found["pre"].lower()], int(found["pre_n"] or 0))
        else:
            stage = (-1,) if is_dev and not is_post else (1,)
        post = int(found["post_n1"] or found["post_n2"] or 0) if is_post else -1
        development = (0, int(found["dev_n"] or 0)) if is_dev else (1, 0)
        # Local labels: numbers after texts, and any label after none.
        parts = re.split(r"[-_.]", found["local"].lower()) if found["local"] else []
        local = tuple((1, int(part), "") if part.isdigit() else (0, 0, part) for part in parts)
        trimmed = self.release
        while len(trimmed) > 1 and trimmed[-1] == 0:
            trimmed = trimmed[:-1]
        self._key = (int(found["epoch"] or 0), trimmed, stage, post, development, local)

    @property
    def major(self) -> int:
        """The first number."""
        return self.release[0]

    @property
    def minor(self) -> int:
        """The second number."""
        return self.release[1] if len(self.release) > 1 else 0

    @property
    def micro(self) -> int:
        """The third number."""
        return self.release[2] if len(self.release) > 2 else 0

    @property
    def base_version(self) -> str:
        """The version without its labels."""
        return ".".join(map(str, self.release))

    def __str__(self) -> str:
        return self.text

    def __hash__(self) -> int:
        return hash(self._key)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Version) and self._key == other._key

    def __lt__(self, other: "Version") -> bool:
        return self._key < other._key


def installed_versions(files: Files, search_path: Iterable[str]) -> dict[str, str]:
    """Return the version of each distribution on the path by its normalised name (PEP 503); the first found wins."""
    found: dict[str, str] = {}
    for folder in search_path:
        for entry in files.entries(folder):
            if (named := _DISTRIBUTION.fullmatch(entry)) is not None:
                found.setdefault(normalised(named["name"]), named["version"])
    return found


def distributions_by_module(files: Files, search_path: Iterable[str]) -> dict[str, list[str]]:
    """Return the distributions that bring each top-level module, as `packages_distributions` does."""
    found: dict[str, list[str]] = {}
    for folder in search_path:
        for entry in files.entries(folder):
            if (named := _DISTRIBUTION.fullmatch(entry)) is None:
                continue
            for top in _top_level(files, os.path.join(folder, entry)):
                found.setdefault(top, []).append(named["name"])
    return found


def split_metadata_folder(entry: str) -> tuple[str, str] | None:
    """Return name and version of a distribution by its metadata folder's name, None for any other name."""
    named = _DISTRIBUTION.fullmatch(entry)
    return (named["name"], named["version"]) if named is not None else None


def normalised(name: str) -> str:
    """Return a distribution's name as PEP 503 compares it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def _top_level(files: Files, info: str) -> list[str]:
    for name in ("top_level.txt", "RECORD"):
        try:
            lines = files.read(os.path.join(info, name)).decode("utf-8", "replace").splitlines()
        except OSError:
            continue
        if name == "top_level.txt":
            return [line.strip() for line in lines if line.strip()]
        paths = [line.partition(",")[0] for line in lines]
        code = (path for path in paths if path.endswith((".py", ".so", ".pyd")))
        tops = dict.fromkeys(path.split("/")[0].partition(".")[0] for path in code)
        return [top for top in tops if top.isidentifier()]
    return []
