"""What real processes saw makes predictions exact, for the distributions and versions that they saw."""

import json
import subprocess
import sys
from pathlib import Path

import tpkg_runtime.probe.import_modules as script
from tests.scan.trees import LIBRARY, environment
from tpkg_analyzer.model.package import ActionCall, Package, Place, Root, RootKind
from tpkg_analyzer.scan.closure import build_closure
from tpkg_analyzer.scan.known import NOTHING_KNOWN, Failure, Known
from tpkg_analyzer.scan.seen import Outcome, SeenImports
from tpkg_analyzer.sources.store import Store, clean
from tpkg_runtime.spec.actions import Action


def test_what_was_seen_is_believed(tmp_path: Path) -> None:
    store = Store(tmp_path)
    seen = SeenImports(store, "python")
    failed = Outcome("made.broken", "no library", "ImportError", "ImportError")
    seen.remember("made", "1.0", [Outcome("made", made={"made.inner": ""}), failed])
    store.close()
    again = SeenImports(Store(tmp_path), "python")
    assert again.known({"made": "1.1"}) == NOTHING_KNOWN
    tree = {
        f"{LIBRARY}/made/__init__.so": b"",
        "guarded.py": "try:\n    import made.broken\nexcept ImportError: ...\n",
    }
    one = environment(tree, again.known({"made": "1.0"}))
    assert one.verdict("made.inner").is_importable
    assert one.verdict("made.broken").reason == "no library"
    assert one.verdict("guarded").is_importable


def test_a_failure_that_another_project_does_not_have_is_not_believed() -> None:
    failure = Failure("ModuleNotFoundError", "ModuleNotFoundError", "No module named 'own'", "own")
    known = Known(failed={"library": failure})
    tree = {f"{LIBRARY}/library.py": "import own\n"}
    assert not environment(tree, known).verdict("library").is_importable
    assert environment({**tree, "own.py": ""}, known).verdict("library").is_importable


def test_what_went_missing_since_is_missing() -> None:
    known = Known(seen=frozenset({"library", "odd"}))
    tree = {f"{LIBRARY}/library.py": "import gone\n", f"{LIBRARY}/odd.py": "from there import nothing\n"}
    one = environment(tree, known)
    assert not one.verdict("library").is_importable
    assert one.verdict("odd").is_importable


def test_what_an_object_in_the_place_of_a_package_may_not_give() -> None:
    """Whoever asks it for a name of a module that fails, before or after that has failed, is only assumed to work."""
    lazy = "import sys\nfrom flags import unknown\nsys.modules[__name__] = unknown(__name__)\n"
    tree = {
        f"{LIBRARY}/flags/__init__.so": b"",
        f"{LIBRARY}/lazy/__init__.py": lazy,
        f"{LIBRARY}/lazy/part.py": "import gone\nclass Thing: ...\ndef make(): ...\nother = 1\n",
        f"{LIBRARY}/lazy/early.py": "from lazy import Thing\n",
        f"{LIBRARY}/lazy/late.py": "from lazy import make\n",
        f"{LIBRARY}/lazy/else_.py": "from lazy import other, gone\n",
        f"{LIBRARY}/lazy/seen.py": "from lazy import Thing\n",
        "m.py": "def f():\n    import lazy.early, lazy.part, lazy.late, lazy.else_, lazy.seen\n",
    }
    steps = (ActionCall(Action.EXTERN, ("**",)), Root(RootKind.MODULE, "m"))
    package = Package("p", Place(None), steps)
    closure = build_closure(package, environment(tree, Known(seen=frozenset({"lazy.seen"}))))
    assert closure.assumed == {
        "lazy.early": "lazy gives it Thing of lazy.part, which cannot be imported",
        "lazy.late": "lazy gives it make of lazy.part, which cannot be imported",
    }
    assert closure.with_action(Action.EXTERN) == ["lazy.early", "lazy.else_", "lazy.late", "lazy.seen"]


def test_an_exception_keeps_its_class() -> None:
    known = Known(failed={"broken": Failure("LibraryError", "RuntimeError", "no operator")})
    tree = {
        f"{LIBRARY}/broken.so": b"",
        "guard.py": "try:\n    import broken\nexcept ImportError: ...\n",
        "wide.py": "try:\n    import broken\nexcept RuntimeError: ...\n",
    }
    one = environment(tree, known)
    assert one.verdict("guard").error == "LibraryError"
    assert one.verdict("wide").is_importable


def test_a_damaged_store_is_begun_anew(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.put("key", b"value")
    store.close()
    (path,) = tmp_path.glob("*/*.sqlite")
    path.write_bytes(b"no database" * 1000)
    damaged = Store(tmp_path)
    assert damaged.get("key") is None
    damaged.put("key", b"value")
    damaged.close()
    assert Store(tmp_path).get("key") == b"value"
    assert clean(tmp_path) > 0


def test_the_script_survives_what_it_imports(tmp_path: Path) -> None:
    (tmp_path / "fine.py").write_text("print('noise')\n")
    (tmp_path / "leaves.py").write_text("import sys\nsys.exit(3)\n")
    (tmp_path / "dies.py").write_text("import os\nos._exit(1)\n")
    (tmp_path / "hangs.py").write_text("import time\ntime.sleep(60)\n")
    (tmp_path / "maker.py").write_text("import sys, types\nsys.modules['made.up'] = types.ModuleType('made.up')\n")
    asked = json.dumps({"first": "fine", "then": ["leaves", "dies", "hangs", "gone", "maker"]}) + "\n"
    done = subprocess.run(
        [sys.executable, "-S", script.__file__, "5"],
        input=asked,
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env={"PYTHONPATH": str(tmp_path)},
        check=True,
        timeout=300,
    )
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    types = {answer["module"]: answer.get("type", answer["error"]) for answer in answers[1:]}
    assert list(types) == ["fine", "leaves", "dies", "hangs", "gone", "maker"]
    assert list(types.values()) == ["", "SystemExit", "RuntimeError", "", "ModuleNotFoundError", ""]
    assert answers[3]["error"] == "the import ended its process"
    assert [answer["module"] for answer in answers if answer.get("timed_out")] == ["hangs"]
    assert answers[-1]["made"] == {"made.up": ""}
