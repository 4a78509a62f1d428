"""The guide's code runs, in its order, and prints what the guide says."""

import contextlib
import io
import re
import sys
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("torch")

GUIDE = Path(__file__).parents[2] / "docs" / "runtime.md"
BLOCK = re.compile(r'^```(\w+)(?: title="([^"]+)")?\n(.*?)^```$', re.DOTALL | re.MULTILINE)


@dataclass(frozen=True)
class Block:
    """A fenced block: its language, the file that it is, its text, its line."""

    language: str
    file: str | None
    text: str
    line: int


def blocks() -> list[Block]:
    """Return all blocks of the guide."""
    text = GUIDE.read_text(encoding="utf-8")
    return [Block(m[1], m[2], m[3], text.count("\n", 0, m.start()) + 1) for m in BLOCK.finditer(text)]


def test_every_block_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Files are written, code is run in one namespace, and its output compared with the block that follows."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    namespace: dict[str, Any] = {"__name__": "guide", "here": tmp_path}
    printed, outputs = "", 0
    before = set(sys.modules)
    for block in blocks():
        if block.file is not None:
            path = tmp_path / block.file
            path.parent.mkdir(exist_ok=True)
            path.write_text(block.text, encoding="utf-8")
        elif block.language == "python":
            output = io.StringIO()
            code = compile("\n" * block.line + block.text, str(GUIDE), "exec")
            with contextlib.redirect_stdout(output), warnings.catch_warnings():
                warnings.filterwarnings("ignore", category=DeprecationWarning)  # TorchScript is deprecated
                exec(code, namespace)
            printed = output.getvalue()
        else:
            assert (block.line, printed) == (block.line, block.text)
            outputs += 1
    for name in set(sys.modules) - before:
        if name.partition(".")[0] in {"shop", "plots", "note", "reader"}:
            del sys.modules[name]
    assert outputs > 5


def test_every_question_of_the_documentation_is_answered() -> None:
    """The headings of torch.package's own documentation, in its order."""
    asked = re.findall(r"^### (.+)\?$", GUIDE.read_text(encoding="utf-8"), re.MULTILINE)
    assert asked[:10] == [
        "See what is inside a package",
        "See why a module was included as a dependency",
        "Include resources with my package and access them later",
        "Customize how a class is packaged",
        "Test in my source code whether it is executing inside a package",
        "Patch code into a package",
        "Access package contents from packaged code",
        "Distinguish between packaged code and non-packaged code",
        "Re-export an imported object",
        "Package a TorchScript module",
    ]
