"""Values of which nothing is known but that they are scalars: a pickle writes them down and names nothing for them."""

from dataclasses import replace
from pathlib import Path

from tpkg_analyzer.model.package import Unknown
from tpkg_analyzer.scan.exports.state import Arguments
from tpkg_analyzer.scan.exports.values import Either, Known, Opaque, Value

_BUILTIN = (
    "all any ascii bin bool callable chr float format hasattr hash hex id input int isinstance issubclass len oct ord "
    "repr str"
)
_OF_MODULES = {
    "builtins": _BUILTIN,
    "os": "cpu_count getcwd getpid getppid",
    "os.path": "abspath basename dirname exists expanduser getmtime getsize isdir isfile join normpath realpath",
    "time": "ctime monotonic perf_counter strftime time time_ns",
    "random": "gauss getrandbits randint random randrange uniform",
    "platform": "machine node platform python_version release system",
    "socket": "gethostname",
    "getpass": "getuser",
    "json": "dumps",
    "math": "ceil cos degrees exp fabs floor gcd hypot isclose isfinite isinf isnan isqrt lcm log log10 log2 pow "
    "radians sin sqrt tan tanh trunc",
    "torch": "get_num_threads initial_seed is_grad_enabled is_tensor",
    "torch.cuda": "current_device device_count get_device_name is_available",
}
_FUNCTIONS = frozenset(f"{module}.{name}" for module, names in _OF_MODULES.items() for name in names.split())
_OF_SCALARS = frozenset({"os.environ.get", "os.getenv", "builtins.abs", "builtins.round"})
_METHODS = frozenset(name for name in dir(str) if not name.startswith("_")) - {"split", "rsplit", "splitlines"}
"""Methods of texts, without those that return a list, which somebody may put something else into."""


def scalar(cause: Unknown) -> Opaque:
    """Return a scalar that is not known for a reason."""
    return Opaque(cause, is_scalar=True)


def is_scalar(value: Value) -> bool:
    """Tell whether a value certainly is a text, a number, True, False or None."""
    match value:
        case Known(value=known):
            return known is None or isinstance(known, str | bytes | int | float)
        case Opaque():
            return value.is_scalar
        case Either(options=options):
            return all(map(is_scalar, options))
        case _:
            return False


def given_by(name: str, arguments: Arguments, result: Value) -> Value:
    """Return the result of a function of the library, as a scalar where it gives one, always or for scalars."""
    is_one = name in _FUNCTIONS or (name in _OF_SCALARS and _are_scalars(arguments))
    return replace(result, is_scalar=True) if isinstance(result, Opaque) and is_one else result


def given_by_method(receiver: Value, name: str, arguments: Arguments, result: Value) -> Value:
    """Return the result of a method of a text that is made of scalars, which is one again.

    A path that is known is kept as its text, and has some methods of the same names.
    """
    is_told = name in _METHODS and not (isinstance(receiver, Known) and hasattr(Path, name))
    is_one = is_told and is_scalar(receiver) and _are_scalars(arguments)
    return replace(result, is_scalar=True) if isinstance(result, Opaque) and is_one else result


def _are_scalars(arguments: Arguments) -> bool:
    given = (*arguments.positional, *(value for _, value in arguments.keywords))
    return arguments.doubt is None and all(map(is_scalar, given))
