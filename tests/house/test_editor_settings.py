"""What people copy into the settings of their editors can be read, starts the server and sets what there is."""

import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.house.tree import ROOT
from tpkg_server.main import arguments
from tpkg_server.settings import SECTION, described

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

EDITORS = ROOT / "editors"
PAGE = ROOT / "docs" / "editors" / "others.md"
READERS = {".toml": tomllib.loads, ".json": json.loads, ".sublime-settings": json.loads}
# Where each file names the program, and the words after it.
COMMANDS = {
    "helix/languages.toml": (("language-server", "tpkg-lint", "command"), ("language-server", "tpkg-lint", "args")),
    "sublime/LSP.sublime-settings": (("clients", "tpkg-lint", "command"),),
    "zed/settings.json": (("lsp", "pylsp", "binary", "path"), ("lsp", "pylsp", "binary", "arguments")),
    "kate/settings.json": (("servers", "python", "command"),),
    "pycharm/template.json": (("programArgs", "default"),),
}


def read(name: str) -> Any:
    """Return what a settings file holds."""
    path = EDITORS / name
    return READERS[path.suffix](path.read_text("utf-8"))


def words(found: Any, places: tuple[tuple[str, ...], ...]) -> Iterator[str]:
    """Yield the words of a command that is written as a text, as a list, or as both."""
    for place in places:
        value = found
        for key in place:
            value = value[key]
        yield from value.split() if isinstance(value, str) else value


def settings_in(value: Any, prefix: str = "") -> Iterator[str]:
    """Yield the names of the settings below a section, however deep it lies."""
    for key, item in value.items() if isinstance(value, dict) else ():
        if prefix:
            yield from settings_in(item, f"{prefix}.{key}") if isinstance(item, dict) else (f"{prefix}.{key}",)
        elif key.startswith(f"{SECTION}."):
            yield key
        elif key == SECTION and not {"command", "config"} & set(item):  # those are the server of that name
            yield from settings_in(item, SECTION)
        else:
            yield from settings_in(item)


@pytest.mark.parametrize("name", COMMANDS)
def test_command_is_the_server(name: str) -> None:
    """The command is one that tpkg-lint takes."""
    program, command, *rest = words(read(name), COMMANDS[name])
    assert (program, command) == ("tpkg-lint", "server")
    arguments().parse_args(rest)


def test_settings_exist() -> None:
    """A setting that the server does not know would greet everybody with a complaint."""
    known = {f"{SECTION}.{item.name}" for item in described()}
    named = {found for name in COMMANDS for found in settings_in(read(name))}
    assert f"{SECTION}.inlayHints" in named
    assert named <= known


def test_all_files_are_known() -> None:
    """A file that no test reads rots."""
    folders = {Path(name).parts[0] for name in COMMANDS}
    there = {str(path.relative_to(EDITORS)) for folder in folders for path in (EDITORS / folder).glob("*.*")}
    assert there - set(COMMANDS) == {"helix/config.toml"}
    assert read("helix/config.toml")["editor"]["lsp"]["display-inlay-hints"]


def test_page_shows_the_files() -> None:
    """The page has the text of each file."""
    shown = dict(re.findall(r'```\w+ title="([^"]+)"\n(.*?)```', PAGE.read_text("utf-8"), re.DOTALL))
    assert set(shown) == {*COMMANDS, "helix/config.toml"}
    for name, text in shown.items():
        assert text == (EDITORS / name).read_text("utf-8")


def test_lisp_is_balanced() -> None:
    """Emacs reads it in its own test; here that every list and text in it ends."""
    source = (EDITORS / "emacs" / "tpkg-lint.el").read_text("utf-8")
    code = re.sub(r'"(?:\\.|[^"\\])*"|;[^\n]*', "", source)
    assert '"' not in code
    depth = 0
    for mark in re.findall("[()]", code):
        depth += 1 if mark == "(" else -1
        assert depth >= 0
    assert depth == 0
