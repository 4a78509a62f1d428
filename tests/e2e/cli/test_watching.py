"""`check --watch` with real changes on disk."""

import queue
import signal
import sqlite3
import subprocess
import sys
import threading
from contextlib import closing
from pathlib import Path

TPKG_LINT = Path(sys.executable).with_name("tpkg-lint")
PATIENCE = 60.0


def test_each_change_is_answered_until_it_is_interrupted(tmp_path: Path) -> None:
    (tmp_path / "tpkg-lint.toml").write_text("select = ['TPK001']\n")
    (tmp_path / "a.py").write_text("x = 1\n")
    command = [TPKG_LINT, "check", "--watch", "--python", sys.executable, "--output-format", "concise"]
    command += ["--cache-dir", tmp_path / "cache"]
    process = subprocess.Popen(
        command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, bufsize=1
    )
    lines: queue.Queue[str] = queue.Queue()

    def read() -> None:
        assert process.stdout is not None
        for line in process.stdout:
            lines.put(line)

    reader = threading.Thread(target=read, daemon=True)
    reader.start()

    def until(text: str) -> None:
        while text not in lines.get(timeout=PATIENCE):
            pass

    try:
        until("no findings")
        until("watching")
        [file] = (tmp_path / "cache").rglob("*.sqlite")
        with closing(sqlite3.connect(file)) as connection:  # each round leaves to the next one what it has learned
            assert connection.execute("SELECT count(*) FROM entries").fetchone() > (0,)
        (tmp_path / "a.py").write_text("def f(:\n")
        until("a.py:1:7: TPK001")
        until("watching")
        (tmp_path / "tpkg-lint.toml").write_text("selct = []\n")
        until("unknown key `selct`")
        until("watching")
        (tmp_path / "tpkg-lint.toml").write_text("select = ['TPK001']\nignore = ['TPK001']\n")
        until("no findings")
        until("watching")
        process.send_signal(signal.SIGINT)  # it may come before the waiting has begun
        assert process.wait(PATIENCE) == 0
    finally:
        process.kill()
        reader.join()
        process.communicate()
