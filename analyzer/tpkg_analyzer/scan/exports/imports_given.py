"""The importer argument of an exporter: what each of the importers is, and whether their order makes sense."""

from collections.abc import Iterator

from tpkg_analyzer.model.package import Incident, IncidentKind
from tpkg_analyzer.scan.exports.remedies import importer_place, reordered, without_importer
from tpkg_analyzer.scan.exports.sequences import items_of
from tpkg_analyzer.scan.exports.state import Machine, Site
from tpkg_analyzer.scan.exports.values import External, Instance, Items, ModuleValue, Value

SYSTEM = frozenset({"torch.package.sys_importer", "torch.package.importer.sys_importer", "tpkg_runtime.sys_importer"})
IMPORTERS = frozenset(
    {"torch.package.PackageImporter", "torch.package.package_importer.PackageImporter", "tpkg_runtime.PackageImporter"}
)


def is_importer(value: Value) -> bool:
    """Tell whether a value is a PackageImporter."""
    return isinstance(value, Instance) and isinstance(value.cls, External) and value.cls.name in IMPORTERS


def judge_importers(machine: Machine, value: Value, site: Site) -> Iterator[Incident]:
    """Yield what is wrong with the importers that an exporter is given."""
    items = items_of(machine, value, site)[0] if isinstance(value, Items) else [value]
    for index, item in enumerate(items):
        if (isinstance(item, ModuleValue) and item.name != "torch_package_importer") or (
            isinstance(item, External) and _is_module(machine, item.name)
        ):
            place, edits = importer_place(site, index) or site.place, without_importer(site, index)
            yield Incident(IncidentKind.MODULE_AS_IMPORTER, place, item.name, edits=edits)
    system = next((index for index, item in enumerate(items) if is_system(item)), None)
    packaged = next((index for index, item in enumerate(items) if is_importer(item)), None)
    if system is not None and packaged is not None and system < packaged:
        edits = reordered(site, system, packaged)
        yield Incident(IncidentKind.SYSTEM_FIRST, importer_place(site, system) or site.place, edits=edits)


def is_system(value: Value) -> bool:
    """Tell whether a value is the importer of the host."""
    return isinstance(value, External) and value.name in SYSTEM


def _is_module(machine: Machine, name: str) -> bool:
    return name not in SYSTEM and machine.code.environment.locate(name) is not None
