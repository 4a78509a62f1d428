"""What packaged code gets for the modules that import and look up by name: `importlib` and its parts, and `pkgutil`.

The import statement of packaged code asks the package. The functions of these modules do the same in the versions that
are given out here; a name that the package does not have goes to the environment, as it always did. The modules of the
environment stay as they are.
"""

import importlib
import importlib.metadata
import importlib.resources
import importlib.util
import pkgutil
import sys
from collections.abc import Callable
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

from tpkg_runtime.archive.records import RecordReader
from tpkg_runtime.importer.metadata import find_distribution
from tpkg_runtime.spec.imports import absolute_name

Has = Callable[[str], bool]
Load = Callable[[str], ModuleType]

_RESOURCE_FUNCTIONS = (
    "contents", "files", "is_resource", "open_binary", "open_text", "path", "read_binary", "read_text"
)  # fmt: skip


class _StandIn(ModuleType):
    """A module with some of its names replaced."""

    def __init__(self, original: ModuleType, replaced: dict[str, Any]) -> None:
        super().__init__(original.__name__, original.__doc__)
        self.__dict__.update(replaced)
        self.__dict__["_original"] = original

    def __getattr__(self, name: str) -> Any:
        return getattr(self.__dict__["_original"], name)

    def __dir__(self) -> list[str]:
        return dir(self.__dict__["_original"])


def stand_ins(has: Has, load: Load, own_name: Callable[[str], str], reader: RecordReader) -> dict[str, ModuleType]:
    """Return the modules by name. `has` tells whether the package has a module, `own_name` takes off its prefix."""

    def import_module(name: str, package: str | None = None) -> ModuleType:
        wanted = own_name(_absolute(name, package, own_name))
        return load(wanted) if has(wanted) else importlib.import_module(wanted)

    def find_spec(name: str, package: str | None = None) -> ModuleSpec | None:
        wanted = own_name(_absolute(name, package, own_name))
        return load(wanted).__spec__ if has(wanted) else importlib.util.find_spec(wanted)

    def resolved(package: Any) -> Any:
        return load(own_name(package)) if isinstance(package, str) and has(own_name(package)) else package

    def of_package(function: Callable[..., Any]) -> Callable[..., Any]:
        def called(*arguments: Any, **named: Any) -> Any:
            for key in ("package", "anchor"):
                if key in named:
                    named[key] = resolved(named[key])
            if not arguments and not named:  # the caller's own package, from Python 3.12 on
                arguments = (sys._getframe(1).f_globals["__package__"],)
            return function(*(resolved(each) for each in arguments[:1]), *arguments[1:], **named)

        return called

    def get_data(package: str, resource: str) -> bytes | None:
        wanted = own_name(package)
        if not has(wanted):
            return pkgutil.get_data(package, resource)
        return reader.read(f"{wanted.replace('.', '/')}/{resource}")

    def resolve_name(name: str) -> Any:
        module, _, qualified = own_name(name).partition(":")
        if not has(module.partition(".")[0]):
            return pkgutil.resolve_name(name)
        found: Any = None
        rest = [*module.split("."), *(qualified.split(".") if qualified else [])]
        path = ""
        while rest and has(f"{path}.{rest[0]}".lstrip(".")):
            path = f"{path}.{rest.pop(0)}".lstrip(".")
            found = load(path)
        for part in rest:
            found = getattr(found, part)
        return found

    def distribution(distribution_name: str) -> Any:
        return find_distribution(reader, distribution_name)

    resources = _StandIn(
        importlib.resources,
        {
            name: of_package(getattr(importlib.resources, name))
            for name in _RESOURCE_FUNCTIONS
            if hasattr(importlib.resources, name)
        },
    )
    metadata = _StandIn(
        importlib.metadata,
        {
            "distribution": distribution,
            "metadata": lambda distribution_name: distribution(distribution_name).metadata,
            "requires": lambda distribution_name: distribution(distribution_name).requires,
            "version": lambda distribution_name: distribution(distribution_name).version,
        },
    )
    util = _StandIn(importlib.util, {"find_spec": find_spec})
    parts = {"resources": resources, "metadata": metadata, "util": util}
    return {
        "importlib": _StandIn(importlib, {"import_module": import_module, **parts}),
        **{f"importlib.{name}": part for name, part in parts.items()},
        "pkgutil": _StandIn(pkgutil, {"get_data": get_data, "resolve_name": resolve_name}),
    }


def _absolute(name: str, package: str | None, own_name: Callable[[str], str]) -> str:
    if not name.startswith("."):
        return name
    if not package:
        raise TypeError(f"the 'package' argument is required to perform a relative import for {name!r}")
    bare = name.lstrip(".")
    try:
        return absolute_name(bare, own_name(package), len(name) - len(bare))
    except ValueError as error:
        raise ImportError(str(error)) from None
