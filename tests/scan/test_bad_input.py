"""Whatever a file holds: what cannot be read is a problem of that file, and nothing is raised."""

import os
import random
import sys
import sysconfig
from pathlib import Path

import pytest

from tests.scan.trees import environment
from tpkg_analyzer.model.package import ActionCall, Package, Place, Root, RootKind
from tpkg_analyzer.scan.closure import build_closure
from tpkg_analyzer.scan.environment import StaticEnvironment
from tpkg_analyzer.scan.facts import read_facts
from tpkg_analyzer.scan.importability import AbortedError
from tpkg_analyzer.sources.files import Disk
from tpkg_analyzer.sources.interpreter import ask_interpreter
from tpkg_runtime.spec.actions import Action
from tpkg_runtime.spec.reasons import PackagingErrorReason

_SMALLEST, _LARGEST = 200, 20_000
_SPLICES = [
    b"\0",
    b"\xff\xfe",
    b"\xed\xa0\x80",
    b"# -*- coding: rot13 -*-\n",
    b"# coding: nonsense\n",
    b"\xef\xbb\xbf",
    b"\r",
    b"\x0c",
    b"(" * 300,
    b"x = " + b"-" * 3_000 + b"1\n",
    b"x = " + b"[" * 3_000 + b"]" * 3_000 + b"\n",
    b"x = 1" + b" + 1" * 2_000 + b"\n",
    b"from . import *\nfrom .... import a\n",
    b"import a.b.c as d, e\n",
    b"raise\n",
    b"del __path__, __file__, __name__\n",
    b"import sys; sys.modules[__name__] = None\n",
    b"__all__ = 3\n__path__ = None\n__getattr__ = 1\n",
    b"while True: pass\n",
    b"def f(): return f()\nf()\n",
    b"x = 'a' * 10**9\n",
    b"x = [[0] * 9**9 for _ in range(9**9)]\n",
    b"class A(A): pass\n",
    "x = '\\ud800'; import \u00e4\n".encode(),
    b"if 1:\n\timport a\n        import b\n",
]


def mutated(data: bytes, chance: random.Random) -> bytes:
    """Return a file with a few things wrong in it."""
    changed = bytearray(data)
    for _ in range(chance.randint(1, 4)):
        at = chance.randrange(len(changed) + 1)
        line = changed.rfind(b"\n", 0, at) + 1
        match chance.randrange(6):
            case 0:
                del changed[at : at + chance.randint(1, 200)]
            case 1:
                changed[at:at] = bytes(chance.randrange(256) for _ in range(chance.randint(1, 4)))
            case 2:
                changed[line:line] = chance.choice(_SPLICES)
            case 3:
                changed[0:0] = chance.choice(_SPLICES)
            case 4:
                end = changed.find(b"\n", at)
                changed[line:line] = bytes(changed[line : end + 1]) * chance.randint(1, 30)
            case _:
                changed[at:] = b""
    return bytes(changed)


def check(count: int, seed: int) -> None:
    """Read and act out so many mutated files of installed libraries."""
    chance = random.Random(seed)
    folder = Path(sysconfig.get_path("purelib"))
    paths = sorted(path for path in folder.rglob("*.py") if _SMALLEST < path.stat().st_size < _LARGEST)
    for path in chance.sample(paths, count):
        data = mutated(path.read_bytes(), chance)
        read_facts(data)
        tree = {"p/__init__.py": "", "p/user.py": "from p import bad\nimport p.bad\n", "p/bad.py": data}
        one = environment(tree)
        try:
            one.verdict("p.user")
        except AbortedError:
            continue
        steps = (ActionCall(Action.INTERN, ("**",)), Root(RootKind.MODULE, "p.user"))
        build_closure(Package("fuzz", Place(None), steps), one)


def test_some_mutated_files() -> None:
    check(150, seed=1)


@pytest.mark.slow
def test_many_mutated_files() -> None:
    check(4_000, seed=2)


def on_disk(folder: Path) -> StaticEnvironment:
    return StaticEnvironment(Disk(), ask_interpreter(sys.executable), [str(folder)])


def test_what_is_no_file(tmp_path: Path) -> None:
    (tmp_path / "folder.py").mkdir()
    (tmp_path / "nowhere.py").symlink_to(tmp_path / "gone.py")
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    (tmp_path / "round").mkdir()
    (tmp_path / "round" / "again").symlink_to(tmp_path / "round")
    os.mkfifo(tmp_path / "pipe.py")
    one = on_disk(tmp_path)
    assert not one.verdict("folder").is_importable
    assert not one.verdict("loop").is_importable
    assert not one.verdict("nowhere").is_importable
    assert not one.verdict("pipe").is_importable
    assert one.verdict("round.again.again.again").is_importable  # namespace packages, one in the other


def test_a_file_that_changes_and_goes_while_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "moving.py"
    path.write_text("def f():\n    import gone\nf()\n")
    one = on_disk(tmp_path)
    assert one.facts("moving") is not None
    path.write_text("x = (\n")  # the function that is called is not where it was
    assert one.verdict("moving").is_importable
    path.unlink()
    steps = (ActionCall(Action.INTERN, ("**",)), Root(RootKind.MODULE, "moving"))
    assert build_closure(Package("gone", Place(None), steps), one).outcome in {"ok", "PackagingError"}


def test_a_problem_is_the_reason_of_what_is_dropped() -> None:
    tree = {"user.py": "def f():\n    import null, latin, deep\n", "null.py": b"x = 1\0", "latin.py": b"x = '\xe9'\n"}
    one = environment({**tree, "deep.py": "import there\nx = 1" + " + 1" * 600})
    steps = (ActionCall(Action.INTERN, ("**",)), Root(RootKind.MODULE, "user"))
    closure = build_closure(Package("bad", Place(None), steps), one)
    reasons = {item.module: item.reason for item in closure.dropped}
    assert "null bytes" in reasons["null"]
    assert "cannot be decoded" in reasons["latin"]
    assert closure.broken["deep"] is PackagingErrorReason.DEPENDENCY_RESOLUTION_FAILED
