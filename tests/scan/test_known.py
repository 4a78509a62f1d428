"""What real processes saw makes predictions exact, for the distributions and versions that they saw."""

import json
import subprocess
import sys
from pathlib import Path

import tpkg_runtime.probe.import_modules as script
from tests.scan.trees import LIBRARY, environment
from tpkg_analyzer.scan.seen import Outcome, SeenImports
from tpkg_analyzer.sources.store import Store, clean


def test_what_was_seen_is_believed(tmp_path: Path) -> None:
    store = Store(tmp_path)
    seen = SeenImports(store, "python")
    outcomes = [Outcome("made", added=("made", "made.inner")), Outcome("made.broken", "ImportError: no library")]
    seen.remember("made", "1.0", outcomes)
    store.close()
    again = SeenImports(Store(tmp_path), "python")
    assert again.outcomes("made", "1.1") == ()
    one = environment({f"{LIBRARY}/made.so": b""}, again.known([("made", "1.0")]))
    assert one.verdict("made.inner").is_importable
    assert one.verdict("made.broken").reason == "ImportError: no library"


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
    asked = "fine\nleaves\ndies\ngone\n"
    done = subprocess.run(
        [sys.executable, "-S", script.__file__, "10"],
        input=asked,
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env={"PYTHONPATH": str(tmp_path)},
        check=True,
        timeout=60,
    )
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert [answer["module"] for answer in answers] == ["fine", "leaves", "dies", "gone"]
    errors = [answer["error"].partition(":")[0] for answer in answers]
    assert errors == ["", "SystemExit", "the import did not end", "ModuleNotFoundError"]
