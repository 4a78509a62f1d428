"""What is known of torch: tensors, parameters, scripted modules, packages."""

from tpkg_analyzer.scan.exports.bindings import resolved
from tpkg_analyzer.scan.exports.builtin import Function
from tpkg_analyzer.scan.exports.classes import is_module
from tpkg_analyzer.scan.exports.imports_given import IMPORTERS
from tpkg_analyzer.scan.exports.pickles import SCRIPT_FUNCTION, SCRIPT_MODULE, SCRIPTED, Packaged
from tpkg_analyzer.scan.exports.state import Arguments, Machine, Site
from tpkg_analyzer.scan.exports.tensors import device_of, dtype_of, size_of, tensor_of
from tpkg_analyzer.scan.exports.values import (
    NONE,
    ClassValue,
    External,
    FunctionValue,
    Instance,
    Items,
    Known,
    Tensor,
    Value,
)


def call_torch(_machine: Machine, name: str, arguments: Arguments, site: Site) -> Value | None:
    """Call a function of torch by its name; None where what it returns is not known."""
    if name.startswith("torch.nn.init."):
        return arguments.positional[0] if arguments.positional else NONE
    if name.endswith(".load_pickle") and arguments.positional:
        return Instance(External("packaged"), doubt=site.unknown, payload=_loaded(arguments))
    return tensor_of(name, arguments)


def _loaded(arguments: Arguments) -> Packaged:
    names = arguments.get(1, "package"), arguments.get(2, "resource")
    texts = [item.value for item in names if isinstance(item, Known) and isinstance(item.value, str)]
    record = f"{texts[0].replace('.', '/')}/{texts[1]}" if len(texts) == 2 else ""
    return Packaged(arguments.positional[0], record)


def _parameter(_machine: Machine, _arguments: Arguments, _site: Site) -> Value:
    return Tensor(is_parameter=True)


def _tensor(_machine: Machine, _arguments: Arguments, _site: Site) -> Value:
    return Tensor()


def _compiled(machine: Machine, name: str, site: Site) -> Value:
    return Instance(External(name), level=machine.level, place=site.place)


def _scripted(machine: Machine, arguments: Arguments, site: Site) -> Value:
    given = arguments.get(0, "obj")
    given = resolved(machine, given) if given is not None else None
    match given:
        case ClassValue():
            return given
        case Instance(cls=External(name=name)) if name in (SCRIPTED, SCRIPT_MODULE):
            return given
        case FunctionValue():
            return _compiled(machine, SCRIPT_FUNCTION, site)
        case Instance(cls=cls) if is_module(cls):
            return _compiled(machine, SCRIPTED, site)
    return _compiled(machine, SCRIPT_MODULE, site)


def _traced(machine: Machine, arguments: Arguments, site: Site) -> Value:
    given = arguments.get(0, "func")
    is_function = given is not None and isinstance(resolved(machine, given), FunctionValue)
    return _compiled(machine, SCRIPT_FUNCTION if is_function else SCRIPT_MODULE, site)


def _script_loaded(machine: Machine, _arguments: Arguments, site: Site) -> Value:
    return _compiled(machine, SCRIPTED, site)


def _importer(machine: Machine, arguments: Arguments, site: Site) -> Value:
    opened = arguments.get(0, "file_or_buffer")
    path = opened.value if isinstance(opened, Known) and isinstance(opened.value, str) else None
    return Instance(External("torch.package.PackageImporter"), level=machine.level, place=site.place, payload=path)


def _ordered(machine: Machine, arguments: Arguments, _site: Site) -> Value:
    return Items("OrderedImporter", list(arguments.positional), machine.level, arguments.doubt)


def _device(machine: Machine, _arguments: Arguments, _site: Site) -> Value:
    return device_of(machine)


def _size(machine: Machine, _arguments: Arguments, _site: Site) -> Value:
    return size_of(machine)


def _dtype(_machine: Machine, _arguments: Arguments, site: Site) -> Value:
    return dtype_of(site)


def _false(_machine: Machine, _arguments: Arguments, _site: Site) -> Value:
    return Known(False)


FUNCTIONS: dict[str, Function] = {
    "torch.nn.Parameter": _parameter,
    "torch.nn.parameter.Parameter": _parameter,
    "torch.Tensor": _tensor,
    "torch.jit.script": _scripted,
    "torch.jit.trace": _traced,
    "torch.jit.load": _script_loaded,
    "torch.jit.is_scripting": _false,
    "torch.jit.is_tracing": _false,
    "torch.device": _device,
    "torch.get_default_device": _device,
    "torch.get_default_dtype": _dtype,
    "torch.Size": _size,
    **dict.fromkeys(IMPORTERS, _importer),
    "torch.package.OrderedImporter": _ordered,
    "torch.package.importer.OrderedImporter": _ordered,
}
