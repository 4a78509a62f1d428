"""The generated part of docs/ is in step with the code; the message of a failure is the command that mends it."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.house.tree import ROOT
from tools import gen_docs


def test_generated_pages_are_current() -> None:
    """Rules, configuration, commands."""
    command = [sys.executable, "tools/gen_docs.py", "--check"]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr


def test_stale_missing_and_left_over_pages_are_seen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each is named with the command, writing mends all three, and then there is nothing to say."""
    monkeypatch.setattr(gen_docs, "ROOT", tmp_path)
    monkeypatch.setattr(gen_docs, "DOCS", tmp_path)
    assert gen_docs.main([]) == 0
    (tmp_path / "rules" / "index.md").write_text("# Rules\n", encoding="utf-8")
    (tmp_path / "rules" / "no-action.md").unlink()
    (tmp_path / "rules" / "no-such-rule.md").write_text("# gone\n", encoding="utf-8")
    capsys.readouterr()
    assert gen_docs.main(["--check"]) == 1
    assert capsys.readouterr().err.splitlines() == [
        "rules/index.md is not current; run:  make generate",
        "rules/no-action.md is not current; run:  make generate",
        "rules/no-such-rule.md is not current; run:  make generate",
    ]
    assert gen_docs.main([]) == 0
    assert gen_docs.main(["--check"]) == 0
