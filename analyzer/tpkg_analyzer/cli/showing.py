"""What `tpkg-lint check` would look at, and under which settings."""

import json
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec

from tpkg_analyzer.cli.options import tell_unreadable
from tpkg_analyzer.cli.status import CLEAN
from tpkg_analyzer.config.load import Config
from tpkg_analyzer.config.schema import Settings
from tpkg_analyzer.render.paths import shown
from tpkg_analyzer.session.projects import ProjectFiles
from tpkg_analyzer.session.session import Session


def show_files(found: Iterable[ProjectFiles]) -> int:
    """Print the files that would be checked, one a line."""
    found = list(found)
    tell_unreadable(found)
    for path in sorted(path for project in found for path in project.files):
        print(shown(path, Path.cwd()))
    return CLEAN


def show_settings(found: Iterable[ProjectFiles], above: Callable[[Settings], Settings]) -> int:
    """Print the settings of each project, with those `above` them, as TOML that would give the same."""
    configs = (replace(project.config, settings=above(project.config.settings)) for project in found)
    sys.stdout.write("\n".join(map(_settings_text, configs)))
    return CLEAN


def describe(project: ProjectFiles, session: Session) -> None:
    """Tell on standard error what a run rests on."""
    interpreter = session.interpreter
    version = ".".join(map(str, interpreter.version[:3]))
    names = ", ".join(package.name for package in session.packages) or "none"
    for name, value in (
        ("configuration", project.config.path or "none"),
        ("import roots", ", ".join(str(root) for root in project.config.import_roots if root.is_dir())),
        ("interpreter", f"{interpreter.executable} (Python {version})"),
        ("cache", _cache(session)),
        ("packages", names),
        ("files", len(project.files)),
    ):
        print(f"tpkg-lint: {name}: {value}", file=sys.stderr)


def _cache(session: Session) -> str:
    if session.store is None:
        return "none is used"
    return f"{session.store.folder} cannot be used" if session.store.trouble else str(session.store.folder)


def _settings_text(config: Config) -> str:
    rows = [f"# {config.path or 'no configuration file'}"]
    values: dict[str, Any] = msgspec.to_builtins(config.settings)
    tables = values.pop("package")
    rows += [f"{name} = {toml_value(value)}" for name, value in values.items() if value is not None]
    for table in tables:
        rows += ["", "[[package]]"]
        rows += [f"{name} = {toml_value(value)}" for name, value in table.items() if value is not None]
    return "\n".join(rows) + "\n"


def toml_value(value: object) -> str:
    """Return a plain value as TOML writes it on one line."""
    if isinstance(value, Mapping):
        pairs = (f"{json.dumps(key)} = {toml_value(item)}" for key, item in value.items() if item is not None)
        return "{ " + ", ".join(pairs) + " }" if value else "{}"
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(toml_value, value))}]"
    # JSON's strings, numbers and booleans are TOML's.
    return json.dumps(value, ensure_ascii=False)
