"""Classes: the order in which bases are asked, and what is known of classes without source."""

from collections.abc import Iterator

from tpkg_analyzer.scan.exports.values import ClassValue, External, FunctionValue, Opaque, Value

EXPORTERS = frozenset(
    {
        "torch.package.PackageExporter",
        "torch.package.package_exporter.PackageExporter",
        "tpkg_runtime.PackageExporter",
        "tpkg_runtime.exporter.exporter.PackageExporter",
    }
)
MODULES = frozenset({"torch.nn.Module", "torch.nn.modules.module.Module"})
PARAMETERS = frozenset(
    {"torch.nn.Parameter", "torch.nn.parameter.Parameter", "torch.nn.parameter.Buffer", "torch.nn.Buffer"}
)
HOOK = "?hook"
"""What the names start with under which an nn.Module keeps its hooks here."""
HOOK_HANDLE = "torch.utils.hooks.RemovableHandle"
WRAPPED_HOOK = "torch.nn.modules.module._WrappedHook"
ENUMS = frozenset({"enum.Enum", "enum.IntEnum", "enum.StrEnum", "enum.Flag", "enum.IntFlag"})
NAMED_TUPLE = "typing.NamedTuple"
PLAIN = frozenset(
    {
        "builtins.object",
        "abc.ABC",
        "typing.Generic",
        "typing.Protocol",
        "typing_extensions.Protocol",
        NAMED_TUPLE,
    }
)


def linear(cls: Value) -> Iterator[ClassValue | External | Opaque]:
    """Yield a class and its bases in the order in which attributes are looked up."""
    if not isinstance(cls, ClassValue):
        yield from _linear(cls)
        return
    if not cls.order:
        cls.order = tuple(_linear(cls))
    for item in cls.order:
        assert isinstance(item, ClassValue | External | Opaque)
        yield item


def _linear(cls: Value) -> Iterator[ClassValue | External | Opaque]:
    found: list[ClassValue | External | Opaque] = []
    stack: list[tuple[Value, int]] = [(cls, 0)]
    while stack:
        item, depth = stack.pop()
        if isinstance(item, ClassValue | External | Opaque) and depth < 30:
            found.append(item)
        if isinstance(item, ClassValue) and depth < 30:
            stack += [(base, depth + 1) for base in reversed(item.bases)]
    for index, item in enumerate(found):  # a base that several classes share comes after all of them
        if not any(item is later or item == later for later in found[index + 1 :]):
            yield item


def member(cls: Value, name: str, after: ClassValue | None = None) -> tuple[Value, ClassValue] | None:
    """Return an attribute of a class and the class that has it; with `after`, as `super()` finds it."""
    is_behind = after is None
    for item in linear(cls):
        if is_behind and isinstance(item, ClassValue) and name in item.names.values:
            return item.names.values[name], item
        is_behind = is_behind or item is after
    return None


def bases_named(cls: Value) -> frozenset[str]:
    """Return the dotted names of the bases that have no source here."""
    return frozenset(item.name for item in linear(cls) if isinstance(item, External))


def is_exporter(cls: Value) -> bool:
    """Tell whether objects of a class are exporters."""
    return not EXPORTERS.isdisjoint(bases_named(cls))


def is_module(cls: Value) -> bool:
    """Tell whether a class is an nn.Module."""
    return not MODULES.isdisjoint(bases_named(cls))


def is_enum(cls: Value) -> bool:
    """Tell whether a class is an enumeration."""
    return isinstance(cls, ClassValue) and not ENUMS.isdisjoint(bases_named(cls))


def method(cls: Value, name: str) -> FunctionValue | None:
    """Return a method of a class that the sources define."""
    found = member(cls, name)
    return found[0] if found is not None and isinstance(found[0], FunctionValue) else None
