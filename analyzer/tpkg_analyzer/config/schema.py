"""The keys of the configuration, as types. Their docstrings are the reference that `tpkg-lint config` prints."""

from typing import Literal

import msgspec

Patterns = str | tuple[str, ...]
SeverityName = Literal["error", "warning", "info", "hint", "off"]


class Assume(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="kebab"):
    """What to believe where the sources cannot tell."""

    importable: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()


class ActionTable(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="kebab", omit_defaults=True):
    """One action: exactly one of intern, extern, mock and deny, with its patterns."""

    intern: Patterns | None = None
    extern: Patterns | None = None
    mock: Patterns | None = None
    deny: Patterns | None = None
    exclude: Patterns = ()
    allow_empty: bool = True


class PackageTable(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="kebab"):
    """One package: what the exporter is told, in order."""

    name: str
    archive: str | None = None
    modules: tuple[str, ...] = ()
    objects: tuple[str, ...] = ()
    at: str | None = None
    smoke: str | None = None
    actions: tuple[ActionTable, ...] = ()


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="kebab"):
    """All keys of `[tool.tpkg-lint]`."""

    python: str | None = None
    src: tuple[str, ...] = (".", "src")
    select: tuple[str, ...] = ("TPK",)
    ignore: tuple[str, ...] = ()
    extend_select: tuple[str, ...] = ()
    per_file_ignores: dict[str, tuple[str, ...]] = {}
    severity: dict[str, SeverityName] = {}
    exclude: tuple[str, ...] = ()
    respect_gitignore: bool = True
    cache_dir: str | None = None
    runtime: Literal["torch", "tpkg"] = "torch"
    assume: Assume = Assume()
    package: tuple[PackageTable, ...] = ()
