"""The functions whose effect on an import is modelled: builtins, and what the standard library offers to ask about
modules, platforms and paths. The table follows the documentation of the standard library.
"""

import os
import posixpath
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from tpkg_analyzer.scan.toplevel.expressions import Frame
from tpkg_analyzer.scan.toplevel.record import Record, VersionInfo
from tpkg_analyzer.scan.toplevel.values import (
    UNKNOWN,
    Class,
    Function,
    Instance,
    Module,
    Namespace,
    Native,
    RaisedError,
    Row,
    Suppressor,
    Value,
    is_caught_by,
    is_known,
    truth,
)
from tpkg_analyzer.scan.toplevel.versions import normalised
from tpkg_analyzer.sources.files import is_file, is_folder

if TYPE_CHECKING:
    from tpkg_analyzer.scan.toplevel.process import Process

Arguments = list[Value]
Named = dict[str, Value]
Model = Callable[["Process", Frame, Arguments, Named], Value]

NATIVES: dict[str, Value] = {}

_SYSTEMS = {"linux": "Linux", "darwin": "Darwin", "win32": "Windows"}


def registering_in(table: dict[str, Value]) -> Callable[..., Callable[[Model], Model]]:
    """Return the decorator that puts a model into `table` under one or more names."""

    def native(*names: str) -> Callable[[Model], Model]:
        def register(model: Model) -> Model:
            table.update((name, Native(name, model)) for name in names)
            return model

        return register

    return native


native = registering_in(NATIVES)


def constants_of(process: "Process") -> dict[str, Value]:
    """Return the attributes of standard modules that the interpreter itself decides."""
    interpreter = process.interpreter
    is_windows = interpreter.platform == "win32"
    return {
        "sys.version_info": VersionInfo(*interpreter.version),
        "sys.platform": interpreter.platform,
        "sys.modules": Namespace("modules"),
        "sys.path": process.path,
        "sys.meta_path": Namespace("finders"),
        "sys.maxsize": (1 << 63) - 1,
        "sys.executable": interpreter.executable,
        "sys.prefix": interpreter.prefix,
        "sys.byteorder": "big" if interpreter.machine in {"s390x", "ppc64"} else "little",
        "sys.builtin_module_names": tuple(sorted(interpreter.builtin_names)),
        "sys.implementation": Record(name="cpython"),
        "os.name": "nt" if is_windows else "posix",
        "os.sep": "\\" if is_windows else "/",
        "os.environ": Namespace("environ"),
        "typing.TYPE_CHECKING": False,
        "typing_extensions.TYPE_CHECKING": False,
    }


# -- builtins


@native("builtins.hasattr")
def _hasattr(process: "Process", _frame: Frame, arguments: Arguments, _named: Named) -> Value:
    if len(arguments) != 2 or not isinstance(arguments[1], str) or arguments[0] is UNKNOWN:
        return UNKNOWN
    owner, name = arguments
    if process.lacks(owner, name):
        return False
    try:
        is_told = process.attribute_of(owner, name) is not UNKNOWN
    except RaisedError as error:
        if is_caught_by(error.type, AttributeError):
            return False
        raise
    if isinstance(owner, Module) and name in owner.names:
        is_told = owner.has(name) is True
    elif isinstance(owner, Class):
        is_told = (is_told and owner.is_certain) or process.is_member(owner, name)
    return True if is_told else UNKNOWN


@native("builtins.getattr")
def _getattr(process: "Process", _frame: Frame, arguments: Arguments, _named: Named) -> Value:
    if len(arguments) < 2 or not isinstance(arguments[1], str) or arguments[0] is UNKNOWN:
        return UNKNOWN
    if len(arguments) == 3 and process.lacks(arguments[0], arguments[1]):
        return arguments[2]
    if len(arguments) == 3 and isinstance(arguments[0], Module) and arguments[1] in arguments[0].perhaps:
        return UNKNOWN
    try:
        return process.attribute_of(arguments[0], arguments[1])
    except RaisedError as error:
        if is_caught_by(error.type, AttributeError) and len(arguments) == 3:
            return arguments[2]
        raise


@native("builtins.setattr")
def _setattr(process: "Process", _frame: Frame, arguments: Arguments, _named: Named) -> Value:
    if len(arguments) == 3 and isinstance(arguments[1], str):
        process.set_attribute(arguments[0], arguments[1], arguments[2])
    elif arguments and isinstance(arguments[0], (Module, Instance)):
        arguments[0].is_open = True
    return None


@native("builtins.delattr")
def _delattr(process: "Process", _frame: Frame, arguments: Arguments, _named: Named) -> Value:
    if len(arguments) == 2 and isinstance(arguments[1], str):
        process.delete_attribute(*arguments)
    elif arguments and isinstance(arguments[0], (Module, Instance)):
        arguments[0].is_open = True
    return None


@native("builtins.isinstance")
def _isinstance(_process: "Process", _frame: Frame, arguments: Arguments, _named: Named) -> Value:
    if len(arguments) != 2 or not is_known(arguments[0]):
        return UNKNOWN
    types = arguments[1] if isinstance(arguments[1], tuple) else (arguments[1],)
    if any(isinstance(type_, type) and isinstance(arguments[0], type_) for type_ in types):
        return True
    return False if all(isinstance(type_, type) for type_ in types) else UNKNOWN


def _register_computed() -> None:
    for function in (len, sorted, min, max, sum, abs, range, ord, chr, repr, hash, round):
        NATIVES[f"builtins.{function.__name__}"] = _computing(function)


def _computing(function: Callable[..., Any]) -> Native:
    def model(process: "Process", _frame: Frame, arguments: Arguments, named: Named) -> Value:
        if named or not is_known(arguments):
            if function is len and arguments and isinstance(arguments[0], (list, tuple)):
                is_told = not (isinstance(arguments[0], Row) and arguments[0].is_open)
                return len(arguments[0]) if is_told else UNKNOWN
            return UNKNOWN
        return process.compute(function, *arguments)

    return Native(f"builtins.{function.__name__}", model)


@native("builtins.enumerate")
def _enumerate(process: "Process", _frame: Frame, arguments: Arguments, _named: Named) -> Value:
    values = process.iterated(arguments[0]) if len(arguments) == 1 else None
    return UNKNOWN if values is None else list(enumerate(values))


@native("builtins.zip")
def _zip(process: "Process", _frame: Frame, arguments: Arguments, _named: Named) -> Value:
    columns = [process.iterated(argument) for argument in arguments]
    known = [column for column in columns if column is not None]
    return list(zip(*known, strict=False)) if len(known) == len(columns) else UNKNOWN


@native("builtins.any")
def _any(process: "Process", _frame: Frame, arguments: Arguments, _named: Named) -> Value:
    answers = _answers(process, arguments)
    return UNKNOWN if answers is None else True if True in answers else UNKNOWN if None in answers else False


@native("builtins.all")
def _all(process: "Process", _frame: Frame, arguments: Arguments, _named: Named) -> Value:
    answers = _answers(process, arguments)
    return UNKNOWN if answers is None else False if False in answers else UNKNOWN if None in answers else True


def _answers(process: "Process", arguments: Arguments) -> list[bool | None] | None:
    values = process.iterated(arguments[0]) if len(arguments) == 1 else None
    return None if values is None else [process.truth_of(value) for value in values]


@native("builtins.next")
def _next(_process: "Process", _frame: Frame, arguments: Arguments, _named: Named) -> Value:
    found, *default = arguments or [UNKNOWN]
    if not isinstance(found, tuple) or len(found) > 1:  # what was asked of a generator is the only tuple that it takes
        return UNKNOWN
    if not found and not default:
        raise RaisedError(StopIteration, is_computed=True)
    return found[0] if found else default[0]


@native("builtins.bool")
def _bool(process: "Process", _frame: Frame, arguments: Arguments, _named: Named) -> Value:
    answer = process.truth_of(arguments[0]) if arguments else False
    return UNKNOWN if answer is None else answer


@native("builtins.callable")
def _callable(_process: "Process", _frame: Frame, arguments: Arguments, _named: Named) -> Value:
    return True if arguments and isinstance(arguments[0], (Function, Class, Native, type)) else UNKNOWN


@native("builtins.print", "warnings.warn", "warnings.filterwarnings", "warnings.simplefilter")
def _nothing(_process: "Process", _frame: Frame, _arguments: Arguments, _named: Named) -> Value:
    return None


@native("builtins.globals", "builtins.vars", "builtins.locals")
def _globals(_process: "Process", frame: Frame, arguments: Arguments, _named: Named) -> Value:
    if arguments:
        if isinstance(arguments[0], Instance):
            arguments[0].is_open = True
        return Namespace("globals", arguments[0]) if isinstance(arguments[0], Module) else UNKNOWN
    return Namespace("globals", frame.module)


@native("builtins.exec", "builtins.eval")
def _exec(process: "Process", frame: Frame, arguments: Arguments, named: Named) -> Value:
    process.note_escape(arguments, named, frame)
    if len(arguments) < 2:
        process.note_escape([*frame.names.values(), *frame.module.names.values()], {}, frame)
        frame.module.is_open = True
    return UNKNOWN


@native("builtins.dir")
def _dir(process: "Process", frame: Frame, arguments: Arguments, _named: Named) -> Value:
    module = arguments[0] if arguments else frame.module
    if not isinstance(module, Module) or module.is_open or not (arguments or frame.kind == "module"):
        return UNKNOWN
    names = Row(sorted(module.names.keys() - module.perhaps), process.uncertain)
    if perhaps := sorted(module.names.keys() & module.perhaps):
        names.open_up()
        names += perhaps
    return names


@native("builtins.__import__")
def _dunder_import(process: "Process", frame: Frame, arguments: Arguments, named: Named) -> Value:
    name = arguments[0] if arguments else named.get("name")
    if not isinstance(name, str):
        return process.import_unnamed()
    level = arguments[4] if len(arguments) > 4 else named.get("level", 0)
    names = arguments[3] if len(arguments) > 3 else named.get("fromlist", ())
    full = process.absolute(name, level if isinstance(level, int) else 0, frame.module)
    process.want(full)
    module = process.import_named(full)
    return module if truth(names) else process.import_named(full.partition(".")[0])


# -- sys, os, platform


@native("sys.exit", "builtins.exit", "builtins.quit", "os._exit")
def _exit(_process: "Process", _frame: Frame, _arguments: Arguments, _named: Named) -> Value:
    raise RaisedError(SystemExit)


@native("os.getenv")
def _getenv(process: "Process", _frame: Frame, arguments: Arguments, named: Named) -> Value:
    return process.environment_variable("get", [*arguments, *named.values()])


@native("platform.system")
def _system(process: "Process", _frame: Frame, _arguments: Arguments, _named: Named) -> Value:
    return _SYSTEMS.get(process.interpreter.platform, UNKNOWN)


@native("platform.python_implementation")
def _implementation(_process: "Process", _frame: Frame, _arguments: Arguments, _named: Named) -> Value:
    return "CPython"


@native("platform.python_version")
def _python_version(process: "Process", _frame: Frame, _arguments: Arguments, _named: Named) -> Value:
    return ".".join(map(str, process.interpreter.version))


@native("platform.machine")
def _machine(process: "Process", _frame: Frame, _arguments: Arguments, _named: Named) -> Value:
    return process.interpreter.machine or UNKNOWN


def _register_paths() -> None:
    path = os.path if os.name == "nt" else posixpath
    for name in ("join", "dirname", "basename", "normpath", "splitext", "split", "abspath", "realpath", "isabs"):
        NATIVES[f"posixpath.{name}"] = NATIVES[f"ntpath.{name}"] = _path_function(name, getattr(path, name))
    for name, test in (("isfile", _isfile), ("isdir", _isdir), ("exists", _exists)):
        for module in ("posixpath", "ntpath", "genericpath"):
            NATIVES[f"{module}.{name}"] = Native(name, test)


def _path_function(name: str, function: Callable[..., Any]) -> Native:
    def model(process: "Process", _frame: Frame, arguments: Arguments, named: Named) -> Value:
        known = all(isinstance(argument, str) for argument in arguments) and not named
        # A relative path would lead to the folder in which the analysis happens to run.
        if not known or (name in {"abspath", "realpath"} and not posixpath.isabs(arguments[0])):
            return UNKNOWN
        return process.compute(posixpath.normpath if name in {"abspath", "realpath"} else function, *arguments)

    return Native(name, model)


def _isfile(process: "Process", _frame: Frame, arguments: Arguments, _named: Named) -> Value:
    known = len(arguments) == 1 and isinstance(arguments[0], str) and posixpath.isabs(arguments[0])
    return is_file(process.files, posixpath.normpath(arguments[0])) if known else UNKNOWN


def _isdir(process: "Process", _frame: Frame, arguments: Arguments, _named: Named) -> Value:
    known = len(arguments) == 1 and isinstance(arguments[0], str) and posixpath.isabs(arguments[0])
    return is_folder(process.files, posixpath.normpath(arguments[0])) if known else UNKNOWN


def _exists(process: "Process", frame: Frame, arguments: Arguments, named: Named) -> Value:
    answers = (_isfile(process, frame, arguments, named), _isdir(process, frame, arguments, named))
    return UNKNOWN if UNKNOWN in answers else any(answers)


# -- importlib, pkgutil


@native("importlib.import_module")
def _import_module(process: "Process", _frame: Frame, arguments: Arguments, named: Named) -> Value:
    name = arguments[0] if arguments else named.get("name")
    package = arguments[1] if len(arguments) > 1 else named.get("package")
    if not isinstance(name, str):
        return process.import_unnamed()
    level = len(name) - len(name.lstrip("."))
    if level:
        if not isinstance(package, str):
            return process.import_unnamed()
        inside = Module(package, None, {"__path__": []})
        name = process.absolute(name[level:], level, inside)
    process.want(name)
    return process.import_named(name)


@native("importlib.util.find_spec", "pkgutil.find_loader", "importlib.find_loader")
def _find_spec(process: "Process", _frame: Frame, arguments: Arguments, named: Named) -> Value:
    name = arguments[0] if arguments else named.get("name")
    if not isinstance(name, str) or name.startswith("."):
        return UNKNOWN
    process.n_looks += 1
    if name in process.modules:
        module = process.modules[name]
        if isinstance(module, Instance):  # whose own is given: where that is None, it is an error
            if module.attributes.get("__spec__", UNKNOWN) is None and not module.is_open:
                raise RaisedError(ValueError, f"{name}.__spec__ is None")
            process.may_raise(ValueError)
        return Record(name=name) if isinstance(module, (Module, Instance)) else None if module is None else UNKNOWN
    parent = name.rpartition(".")[0]
    above = process.import_named(parent) if parent else None
    location = process.find(name, above)
    if location is None:
        return None
    return Record(name=name, origin=location.path or "", submodule_search_locations=Row(location.search) or None)


@native("importlib.util.spec_from_loader")
def _spec_from_loader(_process: "Process", _frame: Frame, arguments: Arguments, _named: Named) -> Value:
    return Record(name=arguments[0], loader=arguments[1]) if len(arguments) > 1 else UNKNOWN


@native("importlib.machinery.ModuleSpec")
def _module_spec(_process: "Process", _frame: Frame, arguments: Arguments, named: Named) -> Value:
    return Record(**{**dict(zip(("name", "loader"), arguments, strict=False)), **named})


@native("importlib.metadata.version", "importlib_metadata.version")
def _version(process: "Process", _frame: Frame, arguments: Arguments, named: Named) -> Value:
    name = arguments[0] if arguments else named.get("distribution_name")
    if not isinstance(name, str):
        return UNKNOWN
    found = process.versions.get(normalised(name))
    if found is None:
        raise RaisedError(class_in(process, "importlib.metadata", "PackageNotFoundError", ModuleNotFoundError), name)
    return found


@native("importlib.metadata.distribution", "importlib_metadata.distribution")
def _distribution(process: "Process", frame: Frame, arguments: Arguments, named: Named) -> Value:
    version = _version(process, frame, arguments, named)
    return UNKNOWN if version is UNKNOWN else Record(version=version)


@native("importlib.metadata.packages_distributions", "importlib_metadata.packages_distributions")
def _packages_distributions(process: "Process", _frame: Frame, _arguments: Arguments, _named: Named) -> Value:
    return process.distributions


@native("pkgutil.extend_path")
def _extend_path(process: "Process", _frame: Frame, arguments: Arguments, _named: Named) -> Value:
    if len(arguments) != 2 or not isinstance(arguments[0], list) or not isinstance(arguments[1], str):
        return UNKNOWN
    parent, _, last = arguments[1].rpartition(".")
    above = process.modules.get(parent) if parent else None
    search = above.names.get("__path__") if isinstance(above, Module) else process.path
    extended = Row(arguments[0], process.uncertain)
    for folder in search if isinstance(search, list) else ():
        portion = posixpath.join(folder, last) if isinstance(folder, str) else None
        if portion is not None and portion not in extended and is_folder(process.files, portion):
            extended.append(portion)
    return extended


def class_in(process: "Process", module: str, name: str, default: type) -> Value:
    """Return a class of a module that has been imported, the default where it has not."""
    found = process.modules.get(module)
    return found.names.get(name, default) if isinstance(found, Module) else default


# -- contextlib, functools, typing


@native("contextlib.suppress")
def _suppress(_process: "Process", _frame: Frame, arguments: Arguments, _named: Named) -> Value:
    return Suppressor(tuple(arguments))


@native("contextlib.contextmanager")
def _contextmanager(_process: "Process", _frame: Frame, arguments: Arguments, _named: Named) -> Value:
    function = arguments[0] if arguments else None
    return replace(function, is_context=True, decorators=()) if isinstance(function, Function) else UNKNOWN


@native("functools.lru_cache", "functools.cache")
def _cache(_process: "Process", _frame: Frame, arguments: Arguments, _named: Named) -> Value:
    if arguments and isinstance(arguments[0], Function):
        return arguments[0]
    return Native("functools.lru_cache", lambda _p, _f, inner, _n: inner[0] if inner else UNKNOWN)


@native("functools.wraps")
def _wraps(_process: "Process", _frame: Frame, _arguments: Arguments, _named: Named) -> Value:
    return Native("functools.wraps", lambda _p, _f, inner, _n: inner[0] if inner else UNKNOWN)


@native("typing.cast")
def _cast(_process: "Process", _frame: Frame, arguments: Arguments, _named: Named) -> Value:
    return arguments[1] if len(arguments) == 2 else UNKNOWN


_register_computed()
_register_paths()
