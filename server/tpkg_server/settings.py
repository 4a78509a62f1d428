"""What a client can set. The docstrings below the fields are the reference in the documentation."""

import ast
import inspect
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Literal

import msgspec

from tpkg_analyzer.session.preferences import Preferences

SECTION = "tpkg-lint"
"""The section of `workspace/configuration` and of initializationOptions."""


class LintSettings(msgspec.Struct, frozen=True, rename="camel"):
    """Which rules run."""

    select: tuple[str, ...] | None = None
    """The rules to run, by code, prefix or name, in place of `select` of the configuration file."""
    ignore: tuple[str, ...] = ()
    """Rules to leave out, beside those of the configuration file."""


class ConfirmSettings(msgspec.Struct, frozen=True, rename="camel"):
    """Exports for real."""

    enabled: bool = True
    """Whether findings can be confirmed by a real export, which runs the project's code when asked to."""


class ClientSettings(msgspec.Struct, frozen=True, rename="camel"):
    """All settings of the language server; what belongs to a project is set in its configuration file."""

    python: str | None = None
    """The interpreter whose environment is exported, before `python` of the configuration file."""
    configuration: str | None = None
    """The configuration file for all files, in place of the nearest one above each."""
    diagnostic_mode: Literal["openFilesOnly", "workspace", "off"] = "openFilesOnly"
    """Which files findings are shown for."""
    run: Literal["onType", "onSave"] = "onType"
    """When files are looked at."""
    debounce: int = 150
    """Milliseconds without a keystroke before the file itself is looked at."""
    delay: int = 150
    """Milliseconds more before closures and other files are brought up to date."""
    lint: LintSettings = LintSettings()
    confirm: ConfirmSettings = ConfirmSettings()
    code_lens: bool = True
    """Whether packages and exports carry their numbers."""
    inlay_hints: bool = True
    """Whether imports carry what happens to their module."""
    trusted: bool = True
    """Whether programs of the workspace may be started: its interpreters, and its exports. For editors to say."""

    def preferences(self) -> Preferences:
        """Return what concerns the analysis of projects."""
        return Preferences(self.python, self.configuration, self.lint.select, self.lint.ignore, self.trusted)

    @property
    def can_confirm(self) -> bool:
        """Whether a person may export for real."""
        return self.confirm.enabled and self.trusted


@dataclass(frozen=True, slots=True)
class Described:
    """One setting: its name with dots, its type and default in Python, and its meaning."""

    name: str
    type: Any
    default: Any
    meaning: str


def described(group: type[msgspec.Struct] = ClientSettings, prefix: str = "") -> Iterator[Described]:
    """Yield the settings in order."""
    meanings = _meanings(group)
    for field in msgspec.structs.fields(group):
        name = prefix + field.encode_name
        if isinstance(field.default, msgspec.Struct):
            yield from described(field.type, f"{name}.")
        else:
            yield Described(name, field.type, field.default, meanings[field.name])


def _meanings(group: type[msgspec.Struct]) -> dict[str, str]:
    """Read the strings below the fields of a class."""
    (tree,) = ast.parse(inspect.getsource(group)).body
    assert isinstance(tree, ast.ClassDef)
    found = {}
    for field, text in pairwise(tree.body):
        if isinstance(field, ast.AnnAssign) and isinstance(text, ast.Expr):
            found[ast.unparse(field.target)] = str(ast.literal_eval(text.value))
    return found
