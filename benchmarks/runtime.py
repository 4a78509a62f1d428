"""Compare the runtime with torch.package, in one run: each line gives both times and their ratio.

    python benchmarks/runtime.py [--quick]

Ratios below 1 mean that tpkg_runtime is faster. Times are the best of several runs in processes of their own, so that
neither implementation warms anything for the other.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

SIZES = {"objects": 300_000, "tensor_mb": 1024, "tensors": 8000, "modules": 300}
QUICK = {"objects": 20_000, "tensor_mb": 32, "tensors": 500, "modules": 30}
RUNS = 3
AGAINST_TORCH_LOAD = {
    "load and use one large tensor": "(torch.load with mmap: large)",
    "load and use many tensors": "(torch.load with mmap: many)",
}

OBJECTS = "class Item:\n    def __init__(self, n):\n        self.n, self.name, self.half = n, str(n), n / 2\n"


def measure(package: str, folder: Path, sizes: dict[str, int]) -> dict[str, float]:
    """Run every benchmark once with one implementation; return seconds by name."""
    import torch

    warnings.simplefilter("ignore")
    api: Any = import_module(package)
    sys.path.insert(0, str(folder))
    bench_items = import_module("bench_items")
    import_module("bench_modules.main")

    times: dict[str, float] = {}

    def timed(name: str, run: Callable[[], Any]) -> Any:
        os.sync()  # what others have written is no concern of this run
        started = time.perf_counter()
        result = run()
        times[name] = time.perf_counter() - started
        return result

    def export(name: str, save: Callable[[Any], None]) -> str:
        path = str(folder / f"{package}-{name}.pt")
        with api.PackageExporter(path) as exporter:
            exporter.intern("bench_*.**")
            save(exporter)
        return path

    def load(path: str) -> Any:
        return api.PackageImporter(path).load_pickle("p", "x.pkl")

    items: Any = [bench_items.Item(number) for number in range(sizes["objects"])]
    path = timed("export many small objects", lambda: export("items", lambda e: e.save_pickle("p", "x.pkl", items)))
    loaded = timed("load many small objects", lambda: load(path))
    assert loaded[-1].name == items[-1].name
    loaded = items = None

    tensor: Any = torch.arange(sizes["tensor_mb"] << 18, dtype=torch.float32)
    path = timed("export one large tensor", lambda: export("tensor", lambda e: e.save_pickle("p", "x.pkl", tensor)))
    tensor = None
    loaded = timed("load one large tensor", lambda: load(path))
    total = timed("first use of the large tensor", lambda: float(loaded.sum()))
    loaded = None
    times["load and use one large tensor"] = times["load one large tensor"] + times["first use of the large tensor"]

    many: Any = [torch.full((64, 64), float(number)) for number in range(sizes["tensors"])]
    path_of_many = export("tensors", lambda e: e.save_pickle("p", "x.pkl", many))
    timed("load and use many tensors", lambda: [float(each.sum()) for each in load(path_of_many)])
    torch.save(many, folder / "many.pt")
    timed(
        "(torch.load with mmap: many)",
        lambda: [float(each.sum()) for each in torch.load(folder / "many.pt", mmap=True)],
    )
    Path(path_of_many).unlink()
    (folder / "many.pt").unlink()

    weights: Any = {"w": torch.arange(sizes["tensor_mb"] << 18, dtype=torch.float32)}
    torch.save(weights, folder / "weights.pt")
    weights = None
    found = timed(
        "(torch.load with mmap: large)", lambda: float(torch.load(folder / "weights.pt", mmap=True)["w"].sum())
    )
    assert total == found

    Path(path).unlink()
    (folder / "weights.pt").unlink()

    path = timed("export many modules", lambda: export("modules", lambda e: e.save_module("bench_modules.main")))
    timed("import many modules", lambda: api.PackageImporter(path).import_module("bench_modules.main"))
    timed("import them again", lambda: api.PackageImporter(path).import_module("bench_modules.main"))
    return times


def write_project(folder: Path, modules: int) -> None:
    """Write the code that is packaged."""
    (folder / "bench_items.py").write_text(OBJECTS)
    package = folder / "bench_modules"
    package.mkdir()
    (package / "__init__.py").write_text("")
    body = "\n".join(f"def function_{n}(a, b={n}):\n    return [a + b for _ in range(b)]\n" for n in range(60))
    for number in range(modules):
        sibling = f"from bench_modules import m{number // 2}\n" if number else ""
        (package / f"m{number}.py").write_text(f"import math, json, collections\n{sibling}{body}")
    imports = "\n".join(f"import bench_modules.m{number}" for number in range(modules))
    (package / "main.py").write_text(imports + "\n")


def main() -> None:
    """Measure both and print the table."""
    if "--measure" in sys.argv:
        package, folder, sizes = sys.argv[2:]
        print(json.dumps(measure(package, Path(folder), json.loads(sizes))))
        return
    sizes = QUICK if "--quick" in sys.argv else SIZES
    best: dict[str, dict[str, float]] = {"torch.package": {}, "tpkg_runtime": {}}
    with tempfile.TemporaryDirectory() as folder:
        write_project(Path(folder), sizes["modules"])
        for turn in range(RUNS):
            for package, times in sorted(best.items(), reverse=turn % 2 == 1):
                command = [sys.executable, __file__, "--measure", package, folder, json.dumps(sizes)]
                run = subprocess.run(command, capture_output=True, text=True, check=False)
                if run.returncode:
                    sys.exit(run.stderr)
                for name, seconds in json.loads(run.stdout).items():
                    times[name] = min(seconds, times.get(name, seconds))
    print(", ".join(f"{name}: {size}" for name, size in sizes.items()), f"(seconds, best of {RUNS})")
    print(f"{'':34}{'torch.package':>14}{'tpkg_runtime':>14}{'ratio':>8}")
    for name, theirs in best["torch.package"].items():
        ours = best["tpkg_runtime"][name]
        print(f"{name:34}{theirs:14.4f}{ours:14.4f}{ours / theirs:8.3f}")
    print(f"{'':34}{'torch.load':>14}{'tpkg_runtime':>14}{'ratio':>8}")
    for name, plainly in AGAINST_TORCH_LOAD.items():
        theirs, ours = min(times[plainly] for times in best.values()), best["tpkg_runtime"][name]
        print(f"{name:34}{theirs:14.4f}{ours:14.4f}{ours / theirs:8.3f}")


if __name__ == "__main__":
    main()
