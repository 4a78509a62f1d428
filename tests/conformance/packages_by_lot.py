"""Little packages made by lot: modules that import each other in many ways, with guards, stars, hooks and aliases."""

import textwrap
from itertools import takewhile
from pathlib import Path
from random import Random

TOP = "p"
NAMES = ["va", "vb", "vc", "helper", "VERSION"]
OUTSIDE = ["json", "collections.abc", "os.path", "xml.dom", "not_there"]
CAUGHT = ["ImportError", "ModuleNotFoundError", "Exception", "(ImportError, AttributeError)", "ValueError"]


class Lot:
    """One package and what of it is saved; the same for the same seed."""

    def __init__(self, seed: int) -> None:
        self._chance = Random(seed)
        self.modules = [TOP]
        self._packages = {TOP}
        for _ in range(self._chance.randint(4, 9)):
            name = f"{self._one_of(sorted(self._packages))}.{self._one_of('abcdefgh')}"
            if name not in self.modules:
                self.modules.append(name)
                if self._happens(0.35) and name.count(".") < 3:
                    self._packages.add(name)
        self.sources = {name: self._source(name) for name in self.modules}
        self.saved = [self._one_of(self.modules) for _ in range(self._chance.randint(1, 3))]

    def write(self, folder: Path) -> None:
        """Write the package into a folder."""
        for name, source in self.sources.items():
            path = folder.joinpath(*name.split("."))
            path = path / "__init__.py" if name in self._packages else path.with_suffix(".py")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(source)

    def _happens(self, share: float) -> bool:
        return self._chance.random() < share

    def _one_of(self, values: list[str] | str) -> str:
        return self._chance.choice(values)

    def _source(self, module: str) -> str:
        bound = [f"{name} = 0" for name in self._chance.sample(NAMES, self._chance.randint(3, 5))]
        return "\n".join([*bound, *(self._statement(module) for _ in range(self._chance.randint(1, 4)))]) + "\n"

    def _target(self) -> str:
        return self._one_of([*self.modules * 5, *OUTSIDE])

    def _import(self, module: str) -> str:
        target, name = self._target(), self._one_of(NAMES)
        above, _, last = target.rpartition(".")
        above = above or target
        return self._one_of(
            [
                f"import {target}",
                f"import {target} as {name}",
                f"from {self._relative(module, target)} import {name}",
                f"from {above} import {last}",
                f"from {self._relative(module, above)} import {last} as {name}, {self._one_of(NAMES)}",
            ]
        )

    def _relative(self, module: str, target: str) -> str:
        """Name a module of the package from where another one is, at times."""
        if target.partition(".")[0] != TOP or self._happens(0.4):
            return target
        start = module.split(".") if module in self._packages else module.split(".")[:-1]
        parts = target.split(".")
        n_shared = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(start, parts, strict=False)))
        return "." * (len(start) - n_shared + 1) + ".".join(parts[n_shared:])

    def _statement(self, module: str) -> str:
        imported, name, target = self._import(module), self._one_of(NAMES), self._target()
        inner = textwrap.indent(imported, "    ")
        handled = self._one_of([f"{name} = None", "pass", "raise", "import json"])
        after = self._one_of(["", "\nelse:\n    done = 1", "\nfinally:\n    done = 1"])
        return self._one_of(
            [
                *[imported] * 10,
                *[f"try:\n{inner}\nexcept {self._one_of(CAUGHT)}:\n    {handled}{after}"] * 5,
                f"from {target} import *",
                f"def function():\n{inner}",
                f"class Inner:\n{inner}",
                f"from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n{inner}",
                f"{name} = {self._one_of(['1', 'None', '[]', 'lambda: 1', *NAMES])}",
                f"del {name}",
                f"__all__ = {self._chance.sample(NAMES, 2)}",
                f"def __getattr__(name):\n    if name in {self._chance.sample(NAMES, 2)}:\n        return 1\n"
                "    raise AttributeError(name)",
                f"import {target}\n{target}.{name}",
                f"import {target}\n{target}.{name} = 1",
                f"import importlib\n{name} = importlib.import_module({target!r})",
                f"__import__({target!r})",
                f"import sys\nif {target!r} in sys.modules:\n{inner}",
                f"import sys\nsys.modules[{self._one_of(self.modules) + '.alias'!r}] = sys.modules[__name__]",
                "import sys, types\nsys.modules[__name__ + '.made'] = types.ModuleType(__name__ + '.made')",
                f"from importlib.util import find_spec\nif find_spec({target.partition('.')[0]!r}):\n{inner}",
                f"if {name} is None:\n    raise RuntimeError",
            ]
        )
