"""The exporter as the interpreter sees it: its calls in order, and what is wrong with them."""

import ast
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

from tpkg_analyzer.model.diagnostic import Edit
from tpkg_analyzer.model.package import ActionCall, Incident, IncidentKind, Place, Root, RootKind, Unknown
from tpkg_analyzer.scan.exports.classes import method
from tpkg_analyzer.scan.exports.enums import plain
from tpkg_analyzer.scan.exports.expecting import is_gated, is_meant_to_raise
from tpkg_analyzer.scan.exports.imports_given import importers_of, is_importer, is_system, judge_importers, may_hold
from tpkg_analyzer.scan.exports.pickles import contents_of, is_data
from tpkg_analyzer.scan.exports.remedies import (
    argument_node,
    exchanged,
    gathered,
    kept_alive,
    with_importer,
    without_keyword,
)
from tpkg_analyzer.scan.exports.sequences import items_of
from tpkg_analyzer.scan.exports.state import Arguments, Machine, Site
from tpkg_analyzer.scan.exports.values import (
    NONE,
    FunctionValue,
    Instance,
    Items,
    Known,
    Tensor,
    Value,
    doubt_of,
    truth,
)
from tpkg_runtime.spec.actions import Action

REMOVED = {
    "require_module": "save_module",
    "require_module_if_not_provided": "add_dependency",
    "mock_module": "mock",
    "extern_module": "extern",
    "extern_modules": "extern",
    "mock_modules": "mock",
    "intern_module": "intern",
    "save_mock_module": "mock",
    "save_extern_module": "extern",
    "file_structure": "",
    "set_extern_modules": "extern",
}
_READING = frozenset(
    [
        "all_paths",
        "get_rdeps",
        "dependency_graph_string",
        "externed_modules",
        "interned_modules",
        "mocked_modules",
        "denied_modules",
        "get_unique_id",
        "__init__",
        "super().__init__",
    ]
)


@dataclass(slots=True, eq=False)
class ExporterLog:
    """What one exporter was told. `level` is the number of unknown conditions that stood around its creation."""

    created: Site
    runtime: str
    level: int
    callers: tuple[Site, ...] = ()
    archive: Value | None = None
    steps: list[ActionCall | Root] = field(default_factory=list)
    unknown: list[Unknown] = field(default_factory=list)
    incidents: list[Incident] = field(default_factory=list)
    is_entered: bool = False
    is_closed: bool = False
    escapes: bool = False
    is_meant_to_raise: bool = False
    """Whether a test expects that it is refused."""
    importers: list[Value] = field(default_factory=list)
    asks_archives: bool = False
    """Whether one of these may have modules that the host has not."""
    hides_names: bool = False
    """Whether something may be saved under a name that is not known."""
    hides_modules: bool = False
    """Whether that may be a module."""
    is_plain: bool = True
    """Whether it is of the class itself, so that its arguments are those of that class."""
    script: Path | None = None
    """The file that is run."""
    imported: tuple[tuple[str, str], ...] = ()
    """What was imported before; see Package."""

    def open(self, cause: Unknown, *, is_root: bool = False) -> None:
        """Note that from here on something is not known."""
        if not any((item.path, item.span, item.is_root) == (cause.path, cause.span, is_root) for item in self.unknown):
            self.unknown.append(replace(cause, step=len(self.steps), is_root=is_root))

    def lose(self, cause: Unknown) -> None:
        """Note that from here on the exporter may be told anything."""
        self.hides_names = self.hides_modules = True
        self.open(cause)

    def close(self, machine: Machine) -> None:
        """End the export."""
        machine.ended.append(self.created)
        self.is_closed = self.is_closed or machine.doubt_since(self.level) is None
        self.is_entered = True

    def note(
        self, kind: IncidentKind, place: Place, subject: str = "", detail: str = "", edits: tuple[Edit, ...] = ()
    ) -> None:
        """Note that a call does something wrong."""
        self.add(Incident(kind, place, subject, detail, edits))

    def add(self, incident: Incident) -> None:
        """Note what is wrong, once."""
        if incident not in self.incidents:
            self.incidents.append(incident)


def start(machine: Machine, made: Instance, arguments: Arguments, site: Site) -> None:
    """Run the exporter's own `__init__`."""
    log: ExporterLog = made.payload
    log.is_meant_to_raise = log.is_meant_to_raise or is_meant_to_raise(machine, site)
    target = arguments.get(0, "f")
    log.archive = target
    place = _argument(site, 0, "f")
    match target:
        case Known(value=value) if not isinstance(value, str):
            log.note(IncidentKind.WRONG_TARGET, place, type(value).__name__)
        case Items() | Tensor() | FunctionValue():
            named = getattr(target, "kind", type(target).__name__.lower())
            log.note(IncidentKind.WRONG_TARGET, place, named, edits=_exchanged(arguments, site))
        case _ if target is not None and (is_system(target) or is_importer(target)):
            log.note(IncidentKind.WRONG_TARGET, place, "importer", edits=_exchanged(arguments, site))
        case _:
            pass
    for name, _ in arguments.keywords:
        if name == "verbose" or (name not in ("f", "importer", "debug") and log.runtime == "torch"):
            log.note(IncidentKind.REMOVED_KEYWORD, _keyword_place(site, name), name, edits=without_keyword(site, name))
    importer = arguments.get(1, "importer")
    if importer is not None:
        log.importers = importers_of(machine, importer, site)
        log.asks_archives = may_hold(importer)
        for incident in judge_importers(machine, importer, site):
            log.add(incident)


def _exchanged(arguments: Arguments, site: Site) -> tuple[Edit, ...]:
    second = arguments.get(1, "importer")
    return exchanged(site) if isinstance(second, Known) and isinstance(second.value, str) else ()


def close_exporter(machine: Machine, made: Instance, site: Site) -> None:
    """Leave the `with` block of an exporter: that calls `close`, which a subclass may have made its own."""
    own = method(made.cls, "close")
    if own is not None:
        machine.call(machine, own, Arguments((made,)), site)
    else:
        made.payload.close(machine)


def exporter_method(machine: Machine, made: Instance, name: str, arguments: Arguments, site: Site) -> Value:
    """Call a method that the exporter has by itself."""
    log: ExporterLog = made.payload
    log.is_meant_to_raise = log.is_meant_to_raise or is_meant_to_raise(machine, site)
    name = name.removeprefix("super().")
    if name == "__init__":
        start(machine, made, arguments, site)
        return NONE
    if name in ("__enter__", "close", "__exit__"):
        if name == "__exit__":
            close_exporter(machine, made, site)
        elif name == "close":
            log.close(machine)
        log.is_entered = True
        return made if name == "__enter__" else NONE
    if log.is_closed and name not in _READING:
        log.note(IncidentKind.USED_AFTER_CLOSE, site.place, name)
        return NONE
    cause = machine.doubt_since(log.level)
    if name == "save_source_file" and method(made.cls, "save_source_string") is not None:
        log.lose(site.unknown)  # that is what it calls for each file
    if name in _CALLS:
        is_root = name not in ("intern", "extern", "mock", "deny")
        for reason in (cause, arguments.doubt):
            if reason is not None and name not in ("save_text", "save_binary"):
                log.open(reason, is_root=is_root)
        _CALLS[name](machine, log, name, arguments, site, cause is None and arguments.doubt is None)
    elif name in REMOVED:
        log.note(IncidentKind.REMOVED_API, _attribute_place(site), name, REMOVED[name])
    elif name.startswith("register_") and (hook := arguments.get(0, "hook")) is not None:
        with machine.under(site.unknown):  # it runs for modules that only the closure knows
            machine.call(machine, hook, Arguments((made, site.opaque)), site)
    elif name not in _READING:
        return site.opaque
    return NONE


def _action(machine: Machine, log: ExporterLog, name: str, given: Arguments, site: Site, is_certain: bool) -> None:
    include, places, listed, unclear = _patterns(machine, given.get(0, "include"), _argument(site, 0, "include"), site)
    if len(given.positional) > 1:
        log.note(IncidentKind.SECOND_PATTERN, _argument(site, 1, ""), name, edits=gathered(site))
    excluded = given.get(1, "exclude") if len(given.positional) < 2 else None
    exclude, exclude_places, _, unclear_exclude = _patterns(machine, excluded, _keyword_place(site, "exclude"), site)
    allow = given.get(2, "allow_empty") or Known(True)
    cause = unclear or unclear_exclude
    if truth(allow) is None:
        cause = cause or doubt_of(allow)
    if cause is not None:
        log.open(cause)
    log.steps.append(
        ActionCall(
            action=Action(name),
            include=include,
            exclude=exclude,
            allow_empty=truth(allow) is not False,
            place=site.place,
            places=places,
            exclude_places=exclude_places,
            listed=listed,
            receiver=_receiver(site),
            is_certain=is_certain and cause is None,
        )
    )


def _patterns(
    machine: Machine, value: Value | None, place: Place, site: Site
) -> tuple[tuple[str, ...], tuple[Place, ...], Place | None, Unknown | None]:
    value = plain(value) if value is not None else NONE
    if value == NONE:
        return (), (), None, None
    if isinstance(value, Known) and isinstance(value.value, str):
        return (value.value,), (value.place or place,), None, None
    items, doubt = items_of(machine, value, site)
    items = [plain(item) for item in items]
    known = [item for item in items if isinstance(item, Known) and isinstance(item.value, str)]
    for item in items:
        if item not in known:
            doubt = doubt or doubt_of(item) or site.unknown
    listed = value.place if isinstance(value, Items) else None
    return tuple(item.value for item in known), tuple(item.place or place for item in known), listed, doubt


def _save_module(machine: Machine, log: ExporterLog, name: str, given: Arguments, site: Site, is_certain: bool) -> None:
    module = _text(log, given.get(0, "module_name"), site)
    if module is None:
        return
    if log.asks_archives and machine.code.environment.locate(module.value) is None:
        log.open(_importers_argument(log), is_root=True)  # one of them has it, and nobody has read it there
        return
    dependencies = _flag(log, given.get(1, "dependencies"), True)
    kind = RootKind.MODULE if name == "save_module" else RootKind.DEPENDENCY
    _save(
        log,
        Root(kind, module.value, dependencies=dependencies, place=module.place or _argument(site, 0, "module_name")),
        site,
        is_certain,
    )


def _save_source(machine: Machine, log: ExporterLog, name: str, given: Arguments, site: Site, is_certain: bool) -> None:
    module = _text(log, given.get(0, "module_name"), site)
    second = given.get(1, "src" if name == "save_source_string" else "file_or_directory")
    source = None
    is_package = False
    if module is None:
        return
    if name == "save_source_string":
        if isinstance(second, Known) and isinstance(second.value, str):
            source = second.value
        else:
            log.open((doubt_of(second) if second is not None else None) or site.unknown, is_root=True)
        is_package = _flag(log, given.get(2, "is_package"), False)
    else:
        source, is_package = _file(machine, module.value, second)
        if source is None:
            log.open((doubt_of(second) if second is not None else None) or site.unknown, is_root=True)
    if log.asks_archives:
        log.open(_importers_argument(log), is_root=True)  # so may they have what it imports
    position = 3 if name == "save_source_string" else 2
    dependencies = _flag(log, given.get(position, "dependencies"), True)
    root = Root(
        RootKind.SOURCE,
        module.value,
        source=source,
        is_package=is_package,
        dependencies=dependencies,
        place=module.place or _argument(site, 0, "module_name"),
    )
    _save(log, root, site, is_certain and source is not None)


def _file(machine: Machine, module: str, path: Value | None) -> tuple[str | None, bool]:
    """Return the text of a file that is saved as a module, and whether that is a package."""
    if isinstance(path, Known) and isinstance(path.value, str):
        return machine.code.text(path.value), path.value.endswith("__init__.py")
    found = machine.code.module(module)  # the path is most likely that of the module itself
    return ("\n".join(found.lines), found.is_package) if found is not None else (None, False)


def _save_data(_machine: Machine, log: ExporterLog, _name: str, given: Arguments, site: Site, is_certain: bool) -> None:
    package, resource = given.get(0, "package"), given.get(1, "resource")
    if not isinstance(package, Known) or not isinstance(resource, Known):
        log.hides_names = True
        return  # a name in the archive; what is packed does not depend on it
    root = Root(
        RootKind.RESOURCE,
        str(package.value),
        resource=str(resource.value),
        place=package.place or _argument(site, 0, "package"),
        package_place=package.place or _argument(site, 0, "package"),
        resource_place=resource.place or _argument(site, 1, "resource"),
    )
    _save(log, root, site, is_certain)


def _save_pickle(
    machine: Machine, log: ExporterLog, _name: str, given: Arguments, site: Site, is_certain: bool
) -> None:
    package, resource = given.get(0, "package"), given.get(1, "resource")
    saved = given.get(2, "obj")
    protocol = given.get(4, "pickle_protocol")
    where = _argument(site, 2, "obj")
    if saved is None:
        log.open(given.doubt or site.unknown, is_root=True)
        return
    log.hides_names = log.hides_names or not (isinstance(package, Known) and isinstance(resource, Known))
    contents = contents_of(machine, saved, site)
    if contents.doubt is not None:
        log.open(contents.doubt, is_root=True)
    for subject, detail, place in contents.unpicklable:
        log.note(IncidentKind.UNPICKLABLE, place or where, subject, detail)
    if isinstance(protocol, Known) and protocol.value not in (None, 3, 4):
        log.note(IncidentKind.WRONG_PROTOCOL, _argument(site, 4, "pickle_protocol"), str(protocol.value))
    nested = next((f"{module}.{inner}" for module, inner in contents.globals if "." in inner), None)
    if isinstance(protocol, Known) and protocol.value == 4 and nested is not None:
        log.note(IncidentKind.NESTED_WITH_PROTOCOL, _argument(site, 4, "pickle_protocol"), nested)
    is_refused = bool(contents.scripted) and log.runtime == "torch" and is_certain and is_gated(machine, site)
    if is_refused:
        log.note(IncidentKind.SCRIPTED, where, contents.scripted[0])
    elif contents.reduces and isinstance(argument_node(site, 2, "obj"), ast.Call):
        kept = kept_alive(site, log.created, contents.reduces) if _receiver(site) else ()
        log.note(IncidentKind.TEMPORARY, where, contents.reduces, edits=kept)
    for loaded in contents.loaded:
        importer = loaded.importer
        if importer not in log.importers:
            made = importer.place if isinstance(importer, Instance) and log.is_plain else None
            opened = importer.payload or "" if isinstance(importer, Instance) else ""
            edits = with_importer(log.created, made)
            log.note(IncidentKind.REEXPORT, where, loaded.record, opened, edits)
    root = Root(
        RootKind.PICKLE,
        str(package.value) if isinstance(package, Known) else "?",
        cls=contents.cls,
        resource=str(resource.value) if isinstance(resource, Known) else f"?{len(log.steps)}",
        globals=tuple(contents.globals),
        certain_globals=tuple(contents.certain) if is_certain else (),
        may_be_object=contents.doubt is not None and not is_data(saved, argument_node(site, 2, "obj")),
        dependencies=_flag(log, given.get(3, "dependencies"), True),
        place=where,
        package_place=(package.place if isinstance(package, Known) else None) or _argument(site, 0, "package"),
        resource_place=(resource.place if isinstance(resource, Known) else None) or _argument(site, 1, "resource"),
    )
    _save(log, root, site, is_certain and contents.doubt is None)


def _save(log: ExporterLog, root: Root, site: Site, is_certain: bool) -> None:
    log.steps.append(replace(root, call=site.place, receiver=_receiver(site), is_certain=is_certain))


def _text(log: ExporterLog, value: Value | None, site: Site) -> Known | None:
    value = plain(value) if value is not None else None
    if isinstance(value, Known) and isinstance(value.value, str):
        return value
    log.open((doubt_of(value) if value is not None else None) or site.unknown, is_root=True)
    log.hides_names = log.hides_modules = True
    return None


def _importers_argument(log: ExporterLog) -> Unknown:
    given = argument_node(log.created, 1, "importer")
    return log.created.module.unknown(given) if given is not None else log.created.unknown


def _flag(log: ExporterLog, value: Value | None, default: bool) -> bool:
    if value is None:
        return default
    answer = truth(value)
    if answer is None and (cause := doubt_of(value)) is not None:
        log.open(cause)
    return default if answer is None else answer


def _argument(site: Site, position: int, keyword: str) -> Place:
    node = argument_node(site, position, keyword)
    return site.module.place(node) if node is not None else site.place


def _keyword_place(site: Site, keyword: str) -> Place:
    if isinstance(site.node, ast.Call):
        for item in site.node.keywords:
            if item.arg == keyword:
                return site.module.place(item)
    return site.place


def _attribute_place(site: Site) -> Place:
    node = site.node.func if isinstance(site.node, ast.Call) else site.node
    if isinstance(node, ast.Attribute) and node.end_lineno is not None and node.end_col_offset is not None:
        name = ast.Name(node.attr)
        name.lineno = name.end_lineno = node.end_lineno
        name.end_col_offset = node.end_col_offset
        name.col_offset = node.end_col_offset - len(node.attr.encode())
        return site.module.place(name)
    return site.place


def _receiver(site: Site) -> str:
    function = site.node.func if isinstance(site.node, ast.Call) else None
    if not isinstance(function, ast.Attribute) or not isinstance(function.value, ast.Name | ast.Attribute):
        return ""
    span, lines = site.place.span, site.module.lines
    before = lines[span.line - 1][: span.column - 1]
    after = lines[span.end_line - 1][span.end_column - 1 :].partition("#")[0]
    return "" if before.strip() or after.strip() else ast.unparse(function.value)


_CALLS: dict[str, Callable[[Machine, ExporterLog, str, Arguments, Site, bool], None]] = {
    "intern": _action,
    "extern": _action,
    "mock": _action,
    "deny": _action,
    "save_module": _save_module,
    "add_dependency": _save_module,
    "save_source_string": _save_source,
    "save_source_file": _save_source,
    "save_text": _save_data,
    "save_binary": _save_data,
    "save_pickle": _save_pickle,
}
