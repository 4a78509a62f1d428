"""The importer argument of an exporter: what each of the importers is, and whether their order makes sense."""

from collections.abc import Iterator

from tpkg_analyzer.model.package import Incident, IncidentKind
from tpkg_analyzer.scan.exports.classes import bases_named
from tpkg_analyzer.scan.exports.remedies import importer_place, reordered, without_importer
from tpkg_analyzer.scan.exports.sequences import items_of
from tpkg_analyzer.scan.exports.state import Machine, Site
from tpkg_analyzer.scan.exports.values import Either, External, Instance, Items, ModuleValue, Opaque, Value

SYSTEM = frozenset({"torch.package.sys_importer", "torch.package.importer.sys_importer", "tpkg_runtime.sys_importer"})
IMPORTERS = frozenset(
    {"torch.package.PackageImporter", "torch.package.package_importer.PackageImporter", "tpkg_runtime.PackageImporter"}
)


def is_importer(value: Value) -> bool:
    """Tell whether a value is a PackageImporter, or of a class that inherits from it."""
    return isinstance(value, Instance) and not IMPORTERS.isdisjoint(bases_named(value.cls))


def importers_of(machine: Machine, value: Value, site: Site) -> list[Value]:
    """Return the importers that an exporter is given: one, several, or an OrderedImporter of several."""
    if not isinstance(value, Items):
        return [value]
    return [inner for item in items_of(machine, value, site)[0] for inner in importers_of(machine, item, site)]


def may_hold(value: Value) -> bool:
    """Tell whether an importer may have modules that the host has not: one of a package, or one that is not known."""
    if isinstance(value, Either):
        return any(may_hold(option) for option in value.options)
    if isinstance(value, Items):
        return value.doubt is not None or any(may_hold(item) for item in value.items)
    return isinstance(value, Opaque | Instance)


def judge_importers(machine: Machine, value: Value, site: Site) -> Iterator[Incident]:
    """Yield what is wrong with the importers that an exporter is given."""
    items = importers_of(machine, value, site)
    is_flat = not isinstance(value, Items) or items == value.items
    first = items[0] if items else None  # those behind it are asked only for what it has not
    if (isinstance(first, ModuleValue) and first.name != "torch_package_importer") or (
        isinstance(first, External) and _is_module(machine, first.name)
    ):
        place = (importer_place(site, 0) if is_flat else None) or site.place
        edits = without_importer(site, 0) if is_flat else ()
        yield Incident(IncidentKind.MODULE_AS_IMPORTER, place, first.name, edits=edits)
    system = next((index for index, item in enumerate(items) if is_system(item)), None)
    packaged = next((index for index, item in enumerate(items) if is_importer(item)), None)
    if system is not None and packaged is not None and system < packaged:
        place = (importer_place(site, system) if is_flat else None) or site.place
        edits = reordered(site, system, packaged) if is_flat else ()
        yield Incident(IncidentKind.SYSTEM_FIRST, place, edits=edits)


def is_system(value: Value) -> bool:
    """Tell whether a value is the importer of the host."""
    return isinstance(value, External) and value.name in SYSTEM


def _is_module(machine: Machine, name: str) -> bool:
    return name not in SYSTEM and machine.code.environment.locate(name) is not None
