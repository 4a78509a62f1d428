"""Runs an export for real, in a child process, with an exporter that writes down how it is called.

The file is executed by that process; the tests import `calls_of` from it.
"""

import json
import runpy
import subprocess
import sys
from pathlib import Path
from typing import Any

_ACTIONS = ("intern", "extern", "mock", "deny")
_SAVES = ("save_module", "save_source_string", "save_source_file", "save_text", "save_binary", "add_dependency")


def calls_of(folder: Path, script: str) -> list[list[Any]]:
    """Return for each exporter that the script makes its calls in order, as torch.package saw them."""
    done = subprocess.run(
        [sys.executable, __file__, script], cwd=folder, capture_output=True, text=True, check=False, timeout=120
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def _patterns(value: Any) -> list[str]:
    return [value] if isinstance(value, str) else list(value)


def _record() -> list[list[Any]]:
    from torch.package import PackageExporter

    from tpkg_runtime.spec.pickles import pickle_globals

    made: list[list[Any]] = []
    depth = [0]  # the exporter calls itself; what the code tells it are the outermost calls
    kinds = {name: getattr(PackageExporter, name) for name in (*_ACTIONS, *_SAVES, "save_pickle")}
    begin, write = PackageExporter.__init__, PackageExporter._write

    def told(exporter: Any, entry: list[Any], call: Any) -> None:
        log = made[exporter.__dict__["recorded"]]
        if not depth[0]:
            log.append(entry)
        depth[0] += 1
        try:
            call()
        finally:
            depth[0] -= 1

    def init(self: Any, *arguments: Any, **named: Any) -> None:
        self.recorded = len(made)
        made.append([])
        begin(self, *arguments, **named)

    def action(name: str) -> Any:
        def call(self: Any, include: Any, *, exclude: Any = (), **named: Any) -> None:
            include, exclude = _patterns(include), _patterns(exclude)
            entry = [name, include, exclude, named.get("allow_empty", True)]
            told(self, entry, lambda: kinds[name](self, include, exclude=exclude, **named))

        return call

    def save(name: str) -> Any:
        def call(self: Any, module: str, *arguments: Any, **named: Any) -> None:
            told(self, [name, module], lambda: kinds[name](self, module, *arguments, **named))

        return call

    def pickle(self: Any, package: str, resource: str, *arguments: Any, **named: Any) -> None:
        entry = ["save_pickle", package, resource]
        told(self, entry, lambda: kinds["save_pickle"](self, package, resource, *arguments, **named))

    def written(self: Any, filename: str, data: Any) -> None:
        last = made[self.__dict__["recorded"]][-1:]
        if last and last[0][0] == "save_pickle" and filename.endswith(f"/{last[0][2]}") and isinstance(data, bytes):
            last[0].append(sorted({module for module, _ in pickle_globals(data)}))
        write(self, filename, data)

    PackageExporter.__init__ = init
    PackageExporter._write = written
    PackageExporter.save_pickle = pickle
    for name in _ACTIONS:
        setattr(PackageExporter, name, action(name))
    for name in _SAVES:
        setattr(PackageExporter, name, save(name))
    return made


if __name__ == "__main__":
    sys.path[0] = str(Path.cwd())
    recorded = _record()
    script = sys.argv[1]
    sys.argv = [script]
    runpy.run_path(script, run_name="__main__")
    print(json.dumps(recorded))
