"""What a pickle of a value refers to: its GLOBALs, as far as the construction of the object tells."""

import ast
from dataclasses import dataclass, field

from tpkg_analyzer.model.package import Place, Unknown
from tpkg_analyzer.scan.exports.bindings import resolved
from tpkg_analyzer.scan.exports.classes import HOOK_HANDLE, WRAPPED_HOOK, is_exporter, is_module, method
from tpkg_analyzer.scan.exports.enums import ENUM_MEMBER
from tpkg_analyzer.scan.exports.homes import homes_of
from tpkg_analyzer.scan.exports.state import Arguments, Machine, Site
from tpkg_analyzer.scan.exports.values import (
    Bound,
    ClassValue,
    Either,
    External,
    FunctionValue,
    Instance,
    Items,
    Known,
    ModuleValue,
    Opaque,
    PartialCall,
    Table,
    Tensor,
    Value,
    doubt_of,
)

_KINDS = {
    "set": ("builtins", "set"),
    "frozenset": ("builtins", "frozenset"),
    "deque": ("collections", "deque"),
    "range": ("builtins", "range"),
    "OrderedDict": ("collections", "OrderedDict"),
    "defaultdict": ("collections", "defaultdict"),
    "Counter": ("collections", "Counter"),
}
_TENSOR = (("torch._utils", "_rebuild_tensor_v2"), ("torch", "FloatStorage"), ("collections", "OrderedDict"))
_PLAIN = {
    "pathlib.Path": ("pathlib", "PosixPath"),
    "pathlib.PurePath": ("pathlib", "PurePosixPath"),
    "torch.device": ("torch", "device"),
    "torch.Size": ("torch", "Size"),
}
SCRIPT_MODULE = "torch.jit.ScriptModule"
SCRIPTED = "torch.jit.RecursiveScriptModule"
"""What `torch.jit.script` and `torch.jit.load` make of a module: torch's exporter keeps these behind a gate, and not
what `torch.jit.trace` makes."""
SCRIPT_FUNCTION = "torch.jit.ScriptFunction"
_UNPACKAGE = ("torch.jit._script", "unpackage_script_module")
_RECORDS = frozenset({"types.SimpleNamespace", "argparse.Namespace"})
_MOST_OBJECTS = 20_000


@dataclass(frozen=True, slots=True)
class Packaged:
    """The payload of an object that a PackageImporter loaded, with the record that it comes from."""

    importer: Value
    record: str = ""


@dataclass(slots=True)
class Contents:
    """What is in a pickle. `unpicklable` holds what, why and where; `reduces` a class with `__reduce_package__`."""

    globals: dict[tuple[str, str], None] = field(default_factory=dict)
    certain: dict[tuple[str, str], None] = field(default_factory=dict)
    """Those that are in it whatever is not known."""
    is_certain: bool = True
    """Whether the object that is looked at now certainly is in it, as far as it is known."""
    doubt: Unknown | None = None
    unpicklable: list[tuple[str, str, Place | None]] = field(default_factory=list)
    scripted: list[str] = field(default_factory=list)
    """Where there certainly are modules that were scripted."""
    cls: str | None = None
    reduces: str = ""
    loaded: list[Packaged] = field(default_factory=list)
    """What importers gave."""

    @property
    def modules(self) -> set[str]:
        """What is asked for, whichever of the names of a module it is."""
        return {module for module, _ in self.globals}

    def question(self, cause: Unknown | None) -> None:
        """Note a reason why there may be more."""
        self.doubt = self.doubt or cause


def contents_of(machine: Machine, value: Value, site: Site) -> Contents:
    """Walk the objects that pickle would walk."""
    contents = Contents()
    if isinstance(value, Instance) and isinstance(value.cls, ClassValue):
        contents.cls = value.cls.qualname
    seen: set[int] = set()
    stack: list[tuple[Value, str, bool]] = [(value, "", True)]
    kept: list[Value] = []  # so that no id is used twice
    while stack:
        item, path, contents.is_certain = stack.pop()
        item = resolved(machine, item)
        if id(item) in seen:
            continue
        seen.add(id(item))
        kept.append(item)
        if len(seen) > _MOST_OBJECTS:
            contents.question(site.unknown)
            break
        is_certain = contents.is_certain and doubt_of(item) is None
        stack += [(*part, is_certain) for part in reversed(_parts(machine, item, path, contents, site))]
    return contents


def is_data(value: Value, written: ast.expr | None) -> bool:
    """Tell whether what is saved is no object of a class of the project itself, whatever is in it."""
    if isinstance(written, ast.Call) and isinstance(written.func, ast.Attribute) and written.func.attr == "state_dict":
        return True
    match value:
        case Known() | Items() | Table() | Tensor() | Opaque(is_scalar=True):
            return True
        case Either(options=options):
            return all(is_data(option, None) for option in options)
        case _:
            return False


def _parts(machine: Machine, item: Value, path: str, contents: Contents, site: Site) -> list[tuple[Value, str]]:
    match item:
        case Known(value=value):
            _add(contents, ("builtins", "complex") if isinstance(value, complex) else None)
        case Items(kind=kind, items=items, doubt=doubt):
            contents.question(doubt)
            _add(contents, _KINDS.get(kind))
            return [(inner, f"{path}[{index}]") for index, inner in enumerate(items)]
        case Table(kind=kind, pairs=pairs, doubt=doubt):
            contents.question(doubt)
            _add(contents, _KINDS.get(kind))
            return [part for key, inner in pairs for part in ((key, path), (inner, f"{path}[{_shown(key)}]"))]
        case Tensor(is_parameter=is_parameter):
            for pair in _TENSOR:
                _add(contents, pair)
            _add(contents, ("torch._utils", "_rebuild_parameter") if is_parameter else None)
        case Opaque(is_scalar=True):
            pass
        case ModuleValue(name=name):
            contents.unpicklable.append((path, f"the module `{name}`", None))
        case External(name=name):
            _external(machine, name, path, contents, site)
        case ClassValue() | FunctionValue():
            _definition(machine, item, path, contents)
        case Bound(receiver=receiver):
            _add(contents, ("builtins", "getattr"))
            return [(receiver, path)]
        case PartialCall(function=function, arguments=arguments, keywords=keywords):
            _add(contents, ("functools", "partial"))
            return [(part, path) for part in (function, *arguments, *(value for _, value in keywords))]
        case Instance():
            return _instance(machine, item, path, contents, site)
        case Either(options=options, cause=cause):
            found = [contents_of(machine, option, site) for option in options]
            if any(other.doubt is not None or other.modules != found[0].modules for other in found):
                contents.question(cause)
            else:
                for pair in found[0].globals:
                    _add(contents, pair)
        case _:
            contents.question(doubt_of(item) or site.unknown)
    return []


def _instance(machine: Machine, item: Instance, path: str, contents: Contents, site: Site) -> list[tuple[Value, str]]:
    if isinstance(item.payload, Packaged):
        contents.loaded.append(item.payload)
        contents.question(item.doubt or site.unknown)
        return []
    if isinstance(item.cls, External):
        return _without_source(item, path, contents, site)
    contents.question(item.doubt)
    if is_exporter(item.cls):
        contents.unpicklable.append((path, "an exporter", item.place))
        return []
    reduce = method(item.cls, "__reduce_package__")
    if reduce is not None:
        contents.reduces = contents.reduces or item.cls.dotted
        result = machine.call(machine, reduce, Arguments((item, site.opaque)), site)
        return _reduced(result, path, contents, site)
    reduce = method(item.cls, "__reduce__")
    if reduce is not None:
        return _reduced(machine.call(machine, reduce, Arguments((item,)), site), path, contents, site)
    if method(item.cls, "__reduce_ex__") is not None:
        contents.question(site.unknown)
        return []
    _definition(machine, item.cls, path, contents, item.place)
    if item.payload == ENUM_MEMBER:
        return [(item.attributes["value"], path)]
    state = method(item.cls, "__getstate__")
    if state is not None:
        return [(machine.call(machine, state, Arguments((item,)), site), path)]
    if is_module(item.cls):
        _add(contents, ("collections", "OrderedDict"))  # its hooks
        _add(contents, ("builtins", "set"))  # the names of its buffers that are not saved
    parts = [(value, f"{path}.{name}") for name, value in item.attributes.items()]
    return parts + ([(item.payload, path)] if isinstance(item.payload, Items | Table) else [])


def _reduced(result: Value, path: str, contents: Contents, site: Site) -> list[tuple[Value, str]]:
    if isinstance(result, Items) and len(result.items) >= 2 and result.doubt is None:
        return [(part, path) for part in result.items]
    contents.question(doubt_of(result) or site.unknown)
    return []


def _without_source(item: Instance, path: str, contents: Contents, site: Site) -> list[tuple[Value, str]]:
    assert isinstance(item.cls, External)
    name = item.cls.name
    if name in _PLAIN:
        _add(contents, _PLAIN[name])
        return []
    if name in (SCRIPT_MODULE, SCRIPTED):
        _add(contents, _UNPACKAGE)
        contents.reduces = contents.reduces or SCRIPT_MODULE
        if name == SCRIPTED and contents.is_certain:
            contents.scripted.append(path)
        return []
    if name == SCRIPT_FUNCTION:
        contents.unpicklable.append((path, "a scripted function", item.place))
        return []
    if name in (WRAPPED_HOOK, HOOK_HANDLE):
        _add(contents, (name.rpartition(".")[0], name.rpartition(".")[2]))
        return [(hook, path) for hook in item.attributes.values()]
    if name in _RECORDS:
        _add(contents, (name.rpartition(".")[0], name.rpartition(".")[2]))
        contents.question(item.doubt)
        return [(value, f"{path}.{key}") for key, value in item.attributes.items()]
    if name == "builtins.open":
        contents.unpicklable.append((path, "an open file", item.place))
        return []
    if name == "builtins.object":
        _add(contents, ("builtins", "object"))
        return []
    contents.question(item.doubt or site.unknown)
    return []


def _external(machine: Machine, name: str, path: str, contents: Contents, site: Site) -> None:
    if name.startswith("torch.ops."):
        contents.unpicklable.append((path, f"the operator `{name}`", None))
        return
    homes = homes_of(machine.code, name)
    for home in homes:
        _add(contents, home)
    if not homes:
        contents.question(site.unknown)


def _definition(
    machine: Machine,
    item: ClassValue | FunctionValue,
    path: str,
    contents: Contents,
    made: Place | None = None,
) -> None:
    source = machine.code.module(item.module)
    place = made or (source.place(item.node) if source is not None else None)
    if item.qualname.endswith("<lambda>"):
        contents.unpicklable.append((path, "a lambda", place))
    elif item.is_local:
        what = "class" if isinstance(item, ClassValue) else "function"
        contents.unpicklable.append((path, f"the local {what} `{item.qualname}`", place))
    else:
        module: Value = Known(machine.runs_as(item.module))
        if isinstance(item, ClassValue):
            module = item.names.values.get("__module__", module)  # code may say that it is at home elsewhere
        if isinstance(module, Known) and isinstance(module.value, str):
            _add(contents, (module.value, item.qualname))
        else:
            contents.question(doubt_of(module) or (source.unknown(item.node) if source is not None else None))


def _add(contents: Contents, pair: tuple[str, str] | None) -> None:
    if pair is not None:
        contents.globals[pair] = None
        if contents.is_certain:
            contents.certain[pair] = None


def _shown(key: Value) -> str:
    return repr(key.value) if isinstance(key, Known) else "…"
