"""Runs exports for real, in child processes, with an exporter that writes down how it is called.

The file is executed by that process; the tests import `calls_of` from it.
"""

import json
import os
import runpy
import subprocess
import sys
from pathlib import Path
from typing import Any

_ACTIONS = ("intern", "extern", "mock", "deny")
_MARK = "recorded: "
_SAVES = ("save_module", "save_source_string", "save_source_file", "save_text", "save_binary", "add_dependency")


def calls_of(exports: list[tuple[Path, str]]) -> list[list[list[Any]]]:
    """Return for each script in its folder, and for each exporter that it makes, the calls as torch.package saw them.

    torch is imported once: each script has a fork of that process. Raises where a script does.
    """
    done = subprocess.run(
        [sys.executable, __file__, *(str(word) for export in exports for word in export)],
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
    )
    assert done.returncode == 0, done.stderr
    lines = [line for line in done.stdout.splitlines() if line.startswith(_MARK)]
    return [json.loads(line.removeprefix(_MARK)) for line in lines]


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


def _run(folder: str, script: str, recorded: list[list[Any]]) -> None:
    """Run a script as its own process would, and print what was recorded."""
    os.chdir(folder)
    sys.path[0], sys.argv = folder, [script]
    runpy.run_path(script, run_name="__main__")
    print(f"\n{_MARK}{json.dumps(recorded)}", flush=True)


if __name__ == "__main__":
    recorded = _record()
    for folder, script in zip(sys.argv[1::2], sys.argv[2::2], strict=True):
        child = os.fork()
        if not child:
            _run(folder, script, recorded)
            os._exit(0)
        if os.waitpid(child, 0)[1]:
            sys.exit(f"{script} in {folder} has failed")
