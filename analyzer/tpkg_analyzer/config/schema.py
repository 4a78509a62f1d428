"""The keys of the configuration, as types. Their docstrings are the reference that `tpkg-lint config` prints."""

from typing import Literal

import msgspec

Patterns = str | tuple[str, ...]
SeverityName = Literal["error", "warning", "info", "hint", "off"]
FailOn = Literal["error", "warning", "info", "hint", "confirmed"]
OutputFormat = Literal[
    "full",
    "concise",
    "grouped",
    "json",
    "json-lines",
    "sarif",
    "github",
    "gitlab",
    "junit",
    "rdjson",
    "azure",
    "pylint",
]


class Assume(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="kebab"):
    """What to believe where the sources cannot tell."""

    importable: tuple[str, ...] = ()
    """Modules that can be imported where the export runs, whatever their sources look like."""
    missing: tuple[str, ...] = ()
    """Modules that cannot be imported there."""


class ActionTable(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="kebab", omit_defaults=True):
    """One action: exactly one of intern, extern, mock and deny, with its patterns."""

    intern: Patterns | None = None
    """Modules that go into the package."""
    extern: Patterns | None = None
    """Modules that the loading process provides."""
    mock: Patterns | None = None
    """Modules that are replaced by a stand-in, which fails when it is used."""
    deny: Patterns | None = None
    """Modules that must not be reached: the export raises."""
    exclude: Patterns = ()
    """Patterns of modules that the action leaves alone."""
    allow_empty: bool = True
    """Whether the action may match nothing; otherwise closing the exporter raises EmptyMatchError."""


class PackageTable(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="kebab"):
    """One package: what the exporter is told, in order."""

    name: str
    """The name that findings and `--package` use."""
    archive: str | None = None
    """Where the export goes."""
    modules: tuple[str, ...] = ()
    """Modules that are saved by save_module: interned without asking a pattern."""
    objects: tuple[str, ...] = ()
    """Objects that are pickled by save_pickle: the module of the class, or `module:Class`."""
    at: str | None = None
    """The code that makes this export, as `file.py:function`; the table completes what is understood of it."""
    smoke: str | None = None
    """A function, as `module:function`, that confirm calls with the loaded package."""
    actions: tuple[ActionTable, ...] = ()
    """What the exporter is told, in this order; the first pattern that matches decides."""


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="kebab"):
    """All keys of `[tool.tpkg-lint]`."""

    extend: str | None = None
    """Another configuration file, whose keys hold where this one is silent; `extend-` keys add to it."""
    required_version: str | None = None
    """The versions of tpkg-lint that may read this, as in `>=0.1,<0.2`."""
    python: str | None = None
    """The interpreter whose environment is exported; by default VIRTUAL_ENV, then `.venv`, then the first on PATH."""
    src: tuple[str, ...] = (".", "src")
    """The folders that first-party modules are imported from."""
    select: tuple[str, ...] = ("TPK",)
    """The rules to run: codes, prefixes of codes, names, or ALL."""
    ignore: tuple[str, ...] = ()
    """Rules to leave out of those."""
    extend_select: tuple[str, ...] = ()
    """Rules to add to those."""
    per_file_ignores: dict[str, tuple[str, ...]] = {}
    """Rules to leave out in the files that a pattern matches."""
    severity: dict[str, SeverityName] = {}
    """Another severity for a rule or a prefix, or `off`."""
    exclude: tuple[str, ...] = ()
    """Patterns of files and folders that are not checked."""
    extend_exclude: tuple[str, ...] = ()
    """Patterns to add to those."""
    force_exclude: bool = False
    """Whether `exclude` also holds for files that are named on the command line, as pre-commit does."""
    respect_gitignore: bool = True
    """Whether files that git ignores are left out."""
    cache_dir: str | None = None
    """Where facts are remembered between runs; by default in the user's cache folder."""
    baseline: str | None = None
    """A file of findings that are known and not reported; `tpkg-lint check --update-baseline` writes it."""
    output_format: OutputFormat | None = None
    """How `tpkg-lint check` prints findings; by default `full`."""
    fail_on: FailOn = "warning"
    """The least that makes the exit status 1: a severity, or `confirmed`."""
    runtime: Literal["torch", "tpkg"] = "torch"
    """Whose behaviour the findings are about: torch.package, or tpkg_runtime."""
    assume: Assume = Assume()
    """What to believe where the sources cannot tell."""
    package: tuple[PackageTable, ...] = ()
    """The packages of the project."""
