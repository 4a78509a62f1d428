"""Runs in the recorded interpreter: make one export as the case on standard input says, and print what came of it."""

import importlib
import io
import json
import os
import pickletools
import sys
import time
import warnings
from pathlib import Path
from typing import Any


def main() -> None:
    """Make the export of one case."""
    case = json.load(sys.stdin)
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # what the libraries print must not get between the answers
    sys.path[:1] = [os.path.join(case["folder"], path) for path in case["extra_paths"]]
    warnings.simplefilter("ignore")
    started = time.perf_counter()
    scope = {"torch": importlib.import_module("torch"), "__name__": "__main__"}
    exec(case.get("prelude") or "", scope)  # noqa: S102 - the code of the record
    package = importlib.import_module("torch.package")
    exec(case["setup"], scope)  # noqa: S102
    imported = time.perf_counter()
    exporter = _recording(package.PackageExporter)(io.BytesIO())
    raised = None
    where = ""
    try:
        for name, *arguments in case["steps"]:
            where = name
            named = arguments.pop() if isinstance(arguments[-1], dict) else {}
            if name == "save_pickle":
                arguments[2] = eval(arguments[2], scope)
            if name == "save_source_file":
                arguments[1] = os.path.join(case["folder"], arguments[1])
            exporter.save(name, arguments, named)
        where = "close"
        exporter.close()
    except BaseException as error:  # noqa: BLE001 - whatever ends the export is recorded
        raised = {"type": type(error).__name__, "where": where, "message": str(error)[:200]}
    answers.write(json.dumps(_result(exporter, raised, imported - started, time.perf_counter() - imported)) + "\n")
    answers.flush()
    os._exit(0)  # some libraries leave threads behind


def _result(exporter: Any, raised: dict[str, str] | None, import_seconds: float, seconds: float) -> dict[str, Any]:
    broken: dict[str, list[str]] = {}
    for node, attributes in exporter.dependency_graph.nodes.items():
        if attributes.get("error") is not None:
            broken.setdefault(attributes["error"].name, []).append(node)
    return {
        "interned": sorted(exporter.interned_modules()),
        "externed": sorted(exporter.externed_modules()),
        "mocked": sorted(exporter.mocked_modules()),
        "denied": sorted(exporter.denied_modules()),
        "broken": broken,
        "exception": raised,
        "roots": exporter.roots,
        "differs_from_plain_lookup": exporter.failures,
        "seconds": {"import_torch": round(import_seconds, 3), "export": round(seconds, 3)},
        "script": Path(__file__).name,
        "environment": {"python": sys.version.split()[0], "torch": importlib.import_module("torch").__version__},
    }


def _recording(base: Any) -> Any:
    class Recording(base):  # type: ignore[misc]
        """The real exporter, which also tells what was saved and which imports failed."""

        def __init__(self, file: io.BytesIO) -> None:
            super().__init__(file)
            self.roots: list[dict[str, Any]] = []
            self.failures: dict[str, Any] = {}
            self.written: dict[str, Any] = {}

        def save(self, name: str, arguments: list[Any], named: dict[str, Any]) -> None:
            getattr(self, name)(*arguments, **named)
            if name == "save_module":
                self.roots.append({"kind": "module", "name": arguments[0]})
            elif name == "save_pickle":
                pickle = self.written[f"{arguments[0].replace('.', '/')}/{arguments[1]}"]
                found = [
                    str(text).split(" ")[0] for code, text, _ in pickletools.genops(pickle) if code.name == "GLOBAL"
                ]
                self.roots.append({"kind": "pickle", "name": arguments[0], "globals": list(dict.fromkeys(found))})

        def _write(self, filename: str, content: Any) -> None:
            self.written[filename] = content
            super()._write(filename, content)

        def _module_exists(self, module: Any) -> bool:
            try:
                self._import_module(module)
                return True
            except Exception as error:  # noqa: BLE001 - as the exporter catches it
                missing = getattr(error, "name", None)
                # The scanner takes some arguments of `__import__` for names although they are none.
                if isinstance(module, str) and not (
                    missing and (module == missing or module.startswith(f"{missing}."))
                ):
                    self.failures[module] = ["file-but-fails", None, [type(error).__name__, missing, str(error)[:200]]]
            return False

    return Recording


if __name__ == "__main__":
    main()
