"""Packages from code: which files to look at, what to run, and what becomes of the exporters that are made."""

import ast
import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from tpkg_analyzer.model.package import Incident, IncidentKind, Package
from tpkg_analyzer.scan.environment import StaticEnvironment
from tpkg_analyzer.scan.exports.bindings import module_attribute, module_names
from tpkg_analyzer.scan.exports.classes import linear
from tpkg_analyzer.scan.exports.code import Code, SourceModule
from tpkg_analyzer.scan.exports.entries import EXPORTER, Entry, entries_of, exporter_names
from tpkg_analyzer.scan.exports.exporters import ExporterLog
from tpkg_analyzer.scan.exports.imports import note_top_level
from tpkg_analyzer.scan.exports.machine import new_machine
from tpkg_analyzer.scan.exports.remedies import enclosing
from tpkg_analyzer.scan.exports.remembered import packages_by
from tpkg_analyzer.scan.exports.state import (
    Arguments,
    Frame,
    Machine,
    OutOfStepsError,
    Pending,
    Site,
    entered,
)
from tpkg_analyzer.scan.exports.values import (
    ClassValue,
    FunctionValue,
    Instance,
    Items,
    Known,
    Namespace,
    Opaque,
    Value,
)

_MOST_PACKAGES = 24
_ROUNDS = 3


@dataclass(frozen=True, slots=True)
class Candidate:
    """A file that may make an exporter, with the name by which it is imported."""

    path: Path
    name: str
    is_package: bool


def find_exports(environment: StaticEnvironment, candidates: Iterable[Candidate], root: Path) -> tuple[Package, ...]:
    """Return the packages that the code of the files exports, in the order of their places."""
    listed = list(candidates)
    words = {item.path: environment.words_of(str(item.path)) for item in listed}
    if not any(EXPORTER in known for known in words.values()):
        return ()
    mains = [item for item in listed if item.name == "__main__"]
    others = [item for item in listed if item.name != "__main__"]
    # Each notebook is a process of its own, and none imports another.
    processes = [[*others, main] for main in mains] or [others]
    made_by = [(code, _relevant(code, files, words)) for files in processes for code in [Code(environment, root)]]
    logs = (log for code, modules in made_by for log in _logs(code, modules))
    everything = [module for _, modules in made_by for module in modules]
    return packages_by(environment, everything, root, lambda: tuple(_packages(logs, root)))


def _logs(code: Code, modules: list[SourceModule]) -> Iterator[ExporterLog]:
    """Yield the exporters that the modules make; code is run when the next one is asked for."""
    logs: list[ExporterLog] = []
    runs: dict[Entry, list[ExporterLog]] = {}
    for ways in entries_of(modules):
        target = ways[-1]
        for entry in ways:
            if entry not in runs:
                runs[entry] = _run(code, entry, modules)
            # The block itself is run alone only where nothing that calls it leads to its exporter.
            if entry == target and any(_is_made_in(log, target) for log in logs):
                continue
            new = [log for log in runs[entry] if log not in logs]
            logs += new
            yield from new


def _relevant(code: Code, listed: list[Candidate], words: dict[Path, frozenset[str]]) -> list[SourceModule]:
    """Return the modules that name an exporter's class, and those that import and use one of these."""
    chosen: dict[Path, SourceModule] = {}
    wanted = {EXPORTER}
    for _ in range(_ROUNDS):
        before = len(chosen)
        for item in listed:
            known = words[item.path]
            if item.path in chosen or wanted.isdisjoint(known):
                continue
            if EXPORTER not in known and not any(_imports(known, module) for module in chosen.values()):
                continue
            module = code.file(item.path, item.name, item.is_package)
            if module is not None:
                chosen[item.path] = module
        if len(chosen) == before:
            break
        wanted = exporter_names(chosen.values()) | {
            name for module in chosen.values() for name in module.binding if not name.startswith("_")
        }
    return list(chosen.values())


def _imports(words: frozenset[str], module: SourceModule) -> bool:
    return module.name.rpartition(".")[2] in words


def _is_made_in(log: ExporterLog, entry: Entry) -> bool:
    # The class may stand in a lambda or in a table elsewhere: then the block is among the callers.
    return any(
        site.module.name == entry.module and entry.qualname in enclosing(site) for site in (log.created, *log.callers)
    )


def _run(code: Code, entry: Entry, modules: list[SourceModule]) -> list[ExporterLog]:
    source = code.module(entry.module)
    if source is None:
        return []
    logs: list[ExporterLog] = []
    for start in _starts(code, entry, modules):
        machine = new_machine(code)
        if not _ends(machine, start, source):
            # The way to the exporter may lead over objects of libraries, whose making nobody can follow.
            machine = new_machine(code.without_libraries())
            if not _ends(machine, start, source):
                for log in machine.exporters:
                    if not log.is_closed:
                        log.lose(log.created.unknown)
        logs += machine.exporters
    return logs


def _ends(machine: Machine, start: "Start", source: SourceModule) -> bool:
    try:
        start(machine, source)
    except (OutOfStepsError, RecursionError):
        return False
    return True


Start = Callable[[Machine, SourceModule], None]


def _starts(code: Code, entry: Entry, modules: list[SourceModule]) -> list[Start]:
    if not entry.qualname:
        return [_script]
    owner, _, name = entry.qualname.rpartition(".")
    if not owner:
        return [lambda machine, source: _function(machine, source, name)]
    if "." in owner:
        return []
    return [
        lambda machine, source, cls=cls: _method(machine, source, cls, name)  # type: ignore[misc]  # bound by default
        for cls in _concrete(code, entry.module, owner, modules)
    ]


def _function(machine: Machine, source: SourceModule, name: str) -> None:
    note_top_level(machine, source)
    _call(machine, module_attribute(machine, source.name, name), source, ())


def _script(machine: Machine, source: SourceModule) -> None:
    machine.main = source.name
    machine.loaded.add(source.name)
    names = module_names(machine, source.name)
    frame = Frame(source, names)
    machine.finished.update(id(statement) for statement in source.tree.body)
    for statement in source.tree.body:
        if machine.run(machine, [statement], frame) is not None:
            break


def _concrete(code: Code, module: str, name: str, modules: list[SourceModule]) -> list[tuple[str, str]]:
    """Return the classes that are made from a class and that no other class is made from."""
    machine = new_machine(code)
    wanted = module_attribute(machine, module, name)
    found: dict[tuple[str, str], ClassValue] = {}
    for source in modules:
        for statement in source.tree.body:
            if isinstance(statement, ast.ClassDef):
                cls = module_attribute(machine, source.name, statement.name)
                if isinstance(cls, ClassValue) and any(item is wanted for item in linear(cls)):
                    found[source.name, statement.name] = cls
    leaves = [
        key
        for key, cls in found.items()
        if not any(cls in list(linear(other)) for other in found.values() if other is not cls)
    ]
    return leaves or [(module, name)]


def _method(machine: Machine, source: SourceModule, cls: tuple[str, str], name: str) -> None:
    note_top_level(machine, source)
    owner = module_attribute(machine, *cls)
    if not isinstance(owner, ClassValue):
        return
    function = next((item for item in owner.node.body if getattr(item, "name", "") == name), owner.node)
    parameters = function.args.args if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef) else []
    site = Site(source, parameters[0] if parameters else function)
    found = machine.attribute(machine, owner, name, site)
    if isinstance(found, FunctionValue) and found.role not in ("staticmethod", "property", "cached_property"):
        made = machine.call(machine, owner, Arguments(doubt=site.unknown), site)
        _call(machine, found, source, (made,))
    else:
        _call(machine, found, source, ())


def _call(machine: Machine, function: Value | None, source: SourceModule, given: tuple[Value, ...]) -> None:
    if function is None:
        return
    inner = getattr(function, "function", function)
    if not isinstance(inner, FunctionValue) or isinstance(inner.node, ast.Lambda):
        return
    site = Site(source, inner.node)
    keywords = _symbols(machine, inner, source)
    result = machine.call(machine, function, Arguments(given, keywords), site)
    if isinstance(result, Instance) and isinstance(result.payload, Pending):
        result = entered(machine, result.payload, site)
    for value in result.items if isinstance(result, Items) else (result,):
        if isinstance(value, Instance) and isinstance(value.payload, ExporterLog):
            value.payload.escapes = True


def _symbols(machine: Machine, function: FunctionValue, source: SourceModule) -> tuple[tuple[str, Value], ...]:
    """Return objects of the classes that annotations name, for parameters without a default."""
    signature = function.node.args
    frame = Frame(source, Namespace(source.name, {}, function.names))
    found: list[tuple[str, Value]] = []
    for parameter in (*signature.posonlyargs, *signature.args, *signature.kwonlyargs):
        if parameter.annotation is None or parameter.arg in function.defaults:
            continue
        annotation = parameter.annotation
        if isinstance(annotation, ast.Constant) and isinstance(annotation.value, str):
            try:
                annotation = ast.copy_location(ast.parse(annotation.value, mode="eval").body, annotation)
            except SyntaxError:
                continue
        cls = machine.evaluate(machine, annotation, frame)
        site = Site(source, parameter)
        if isinstance(cls, ClassValue):
            found.append((parameter.arg, machine.call(machine, cls, Arguments(doubt=site.unknown), site)))
        else:
            found.append((parameter.arg, Opaque(site.unknown)))
    return tuple(found)


def _packages(logs: Iterable[ExporterLog], root: Path) -> list[Package]:
    found: list[Package] = []
    seen: set[object] = set()
    taken: dict[str, int] = {}
    for log in logs:
        if log.is_meant_to_raise:
            continue  # no archive comes of it
        if not log.steps and not log.unknown and (log.escapes or not log.incidents):
            continue
        name = _name(log)
        package = _package(log, name, root)
        # What comes after the first unknown does not tell two exports of one place apart.
        key = (log.created.place, log.archive, package.steps[: package.known_steps], package.unknown[:1])
        if key in seen:
            continue
        seen.add(key)
        taken[name] = taken.get(name, 0) + 1
        found.append(package if taken[name] == 1 else replace(package, name=f"{name}-{taken[name]}"))
        if len(found) == _MOST_PACKAGES:
            break
    return sorted(found, key=lambda item: (str(item.declared.path), item.declared.span, item.name))


def _package(log: ExporterLog, name: str, root: Path) -> Package:
    incidents = list(log.incidents)
    if not log.is_entered and not log.is_closed and not log.escapes:
        incidents.append(Incident(IncidentKind.NOT_CLOSED, log.created.place))
    archive = log.archive.value if isinstance(log.archive, Known) and isinstance(log.archive.value, str) else None
    return Package(
        name=name,
        declared=log.created.place,
        steps=tuple(log.steps),
        archive=root / archive if archive else None,
        at=":".join(filter(None, (_relative(log.created.module.path, root), enclosing(log.created)[-1]))),
        unknown=tuple(log.unknown),
        incidents=tuple(incidents),
        reached_through=tuple(dict.fromkeys(_functions(log))),
        module=log.created.module.name,
        script=log.script,
        imported=log.imported,
        hides_names=log.hides_names,
        hides_modules=log.hides_modules,
        asks_archives=log.asks_archives,
        runtime=log.runtime,
    )


def _relative(path: Path, root: Path) -> str:
    return Path(os.path.relpath(path, root)).as_posix()


def _functions(log: ExporterLog) -> Iterator[str]:
    for site in (log.created, *reversed(log.callers)):
        for name in reversed(enclosing(site)):
            yield from (name, name.rpartition(".")[2]) if name else ()


def _name(log: ExporterLog) -> str:
    if isinstance(log.archive, Known) and isinstance(log.archive.value, str) and log.archive.value:
        stem = PurePosixPath(log.archive.value.replace("\\", "/")).name.partition(".")[0]
        if stem:
            return stem
    function = enclosing(log.created)[-1].rpartition(".")[2]
    module = log.created.module.name.rpartition(".")[2]
    return module if function in ("", "main") else f"{module}-{function}".replace("__", "")
