"""The VS Code extension is in step with the server, as far as that shows without an editor."""

import json
import re
import subprocess
import sys
from typing import Any

import pytest

from tests.house.tree import ROOT
from tools import vscode_manifest
from tpkg_server.received import OF_EDITORS
from tpkg_server.server import TpkgServer
from tpkg_server.settings import described

EXTENSION = ROOT / "editors" / "vscode"
SOURCES = sorted((EXTENSION / "src").glob("*.ts"))


@pytest.fixture(scope="module")
def manifest() -> dict[str, Any]:
    """The manifest as it is committed."""
    found: dict[str, Any] = json.loads(vscode_manifest.MANIFEST.read_text("utf-8"))
    return found


def test_manifest_is_current() -> None:
    """The message of a failure is the command that mends it."""
    command = [sys.executable, "tools/vscode_manifest.py", "--check"]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr


def test_a_stale_manifest_is_seen() -> None:
    """A setting that the server does not know goes, one that it knows comes."""
    text = vscode_manifest.MANIFEST.read_text("utf-8")
    assert vscode_manifest.manifest(text.replace('"tpkg-lint.debounce"', '"tpkg-lint.bounce"')) == text


def test_every_setting_is_there(manifest: dict[str, Any]) -> None:
    """Each of the server's, with its default; none twice."""
    groups = [group["properties"] for group in manifest["contributes"]["configuration"]]
    settings = {name: value for group in groups for name, value in group.items()}
    assert len(settings) == sum(map(len, groups))
    shown = [item for item in described() if item.name not in vscode_manifest.NOT_SET_BY_PEOPLE]
    assert len(shown) > 9
    for item in shown:
        assert json.dumps(settings[f"tpkg-lint.{item.name}"]["default"]) == json.dumps(item.default)


def test_other_settings_are_passed_over(manifest: dict[str, Any]) -> None:
    """Those of the extension itself reach the server with the whole section, which complains of none of them."""
    names = {name for group in manifest["contributes"]["configuration"] for name in group["properties"]}
    others = names - {f"tpkg-lint.{item.name}" for item in described()}
    assert {name.split(".")[1] for name in others} == OF_EDITORS


def test_commands_are_those_of_the_sources(manifest: dict[str, Any]) -> None:
    """What the palette offers is registered, and what is asked of the server is offered there."""
    offered = {item["command"].removeprefix("tpkg-lint.") for item in manifest["contributes"]["commands"]}
    table = (EXTENSION / "src" / "commands.ts").read_text("utf-8").partition("Record<string, () => unknown> = {")[2]
    registered = set(re.findall(r"^    (?:async )?(\w+)(?:: |\(\))", table.partition("\n  };")[0], re.MULTILINE))
    assert offered == registered
    asked = {
        name for path in SOURCES for name in re.findall(r'server\.command[^(]*\(\s*"([^"]+)"', path.read_text("utf-8"))
    }
    assert len(asked) > 5
    assert asked <= set(TpkgServer().protocol.fm.commands)


def test_lock_names_no_registry() -> None:
    """A machine with a mirror of its own writes its address into the lock file, unless told not to."""
    lock = (EXTENSION / "package-lock.json").read_text("utf-8")
    assert '"resolved"' not in lock
    assert json.loads(lock)["version"] == json.loads(vscode_manifest.MANIFEST.read_text("utf-8"))["version"]
