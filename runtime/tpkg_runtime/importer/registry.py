"""Where the rest of the process finds packaged modules: `sys.modules`, `linecache`, the table of torch.package.

None of these keeps an importer or its modules alive. A packaged module stands in `sys.modules` under its mangled name,
so that dataclasses, typing and inspect find the namespace of a packaged class.
"""

import linecache
import sys
import weakref
from collections.abc import Iterable
from types import ModuleType
from typing import Any

from tpkg_runtime.environment.importer import Importer

_GC_BETWEEN_BYTECODES = sys.version_info >= (3, 12)
_dead: list[str] = []


class ModuleAlias(ModuleType):
    """Is in `sys.modules` for a packaged module, and is in all respects that module, without keeping it alive."""

    def __init__(self, name: str, target: Any) -> None:
        super().__init__(name)
        own = object.__getattribute__(self, "__dict__")
        own["target"] = weakref.ref(target, lambda _: _forget(name, self_reference))
        self_reference = weakref.ref(self)

    def __getattribute__(self, name: str) -> Any:
        target = _target(self)
        if name.startswith("__") and name not in vars(target) and not hasattr(type(target), name):
            # Many tools ask all of `sys.modules` for such names: not a matter for a module's `__getattr__`, and least
            # for that of a mocked module, which has everything.
            raise AttributeError(f"module {vars(target).get('__name__')!r} has no attribute {name!r}")
        return getattr(target, name)

    def __setattr__(self, name: str, value: Any) -> None:
        setattr(_target(self), name, value)

    def __delattr__(self, name: str) -> None:
        delattr(_target(self), name)

    def __dir__(self) -> list[str]:
        return dir(_target(self))

    def __repr__(self) -> str:
        return repr(_target(self))


def _target(alias: ModuleAlias) -> Any:
    target = object.__getattribute__(alias, "__dict__")["target"]()
    if target is None:
        raise AttributeError("the packaged module is gone: its importer was closed or collected")
    return target


def _forget(name: str, alias: "weakref.ref[ModuleAlias]") -> None:
    if sys is not None and sys.modules.get(name) is alias():  # neither at exit nor replaced
        retire([name])


def retire(names: Iterable[str]) -> None:
    """Take names out of `sys.modules`: at once where garbage is collected between bytecodes, else at the next sweep.

    Before Python 3.12 this may run inside of somebody's `list(sys.modules.items())`, where the size must not change.
    """
    for name in names:
        if name not in sys.modules:
            continue
        if _GC_BETWEEN_BYTECODES:
            del sys.modules[name]
        else:
            sys.modules[name] = None  # type: ignore[assignment]
            _dead.append(name)


def sweep() -> None:
    """Take out what was retired. Call it where Python changes `sys.modules` anyway."""
    while _dead:
        try:
            name = _dead.pop()
        except IndexError:  # another thread was faster
            return
        if sys.modules.get(name, _dead) is None:
            del sys.modules[name]


def publish(name: str, module: Any) -> None:
    """Let `sys.modules` have a packaged module under its mangled name."""
    sys.modules[name] = ModuleAlias(name, module)


def published(name: str) -> Any:
    """Return what stands in `sys.modules`; not our alias where the module's code has put something else there."""
    return sys.modules.get(name)


def publish_to_torch(name: str, module: ModuleType) -> None:
    """Enter a module in torch.package's table of packaged modules, where torch.compile and inspect look it up."""
    original = sys.modules.get("torch.package.package_importer")
    table = getattr(original, "_package_imported_modules", None)
    if table is not None:
        table.setdefault(name, module)


def register_with_torch() -> None:
    """Let exporters of torch.package take our importers for importers, those of each kind."""
    original = sys.modules.get("torch.package.importer")
    if original is not None:
        original.Importer.register(Importer)


def publish_source(filename: str, importer: Any, record: str) -> None:
    """Let linecache have the source of a packaged file when a traceback or inspect asks for it."""
    reference = weakref.ref(importer)

    def source() -> str | None:
        alive = reference()
        return None if alive is None else alive.source_of(record)

    linecache.cache[filename] = (source,)  # the form for a source yet to be read


def withdraw(prefix: str, modules: Iterable[str], filenames: Iterable[str]) -> None:
    """Take back all that was published for one importer."""
    retire(name for name in [prefix, *modules] if name == prefix or isinstance(sys.modules.get(name), ModuleAlias))
    for filename in filenames:
        linecache.cache.pop(filename, None)
