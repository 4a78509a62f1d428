"""What can be loaded: the records that the exports of a project write, and those of archives that are there."""

import os
from dataclasses import dataclass
from pathlib import Path

import libcst as cst

from tpkg_analyzer.model.package import Package, RootKind
from tpkg_analyzer.rule.calls import argument
from tpkg_analyzer.rule.context import Project
from tpkg_analyzer.rule.origins import Origin
from tpkg_analyzer.rule.paths import constant_path
from tpkg_analyzer.scan.closure import Closure


@dataclass(frozen=True, slots=True)
class Holdings:
    """The resources that an archive can have, and the package that it is, None for an archive that is merely there."""

    records: frozenset[str]
    package: str | None


def held_by(closure: Closure) -> frozenset[str] | None:
    """Return the records of the resources that an export writes; None where it may write others too."""
    package = closure.package
    if package.hides_names or any(root.kind is RootKind.OBJECT for root in package.roots):
        return None
    if any(item.is_root for item in package.unknown) and not package.is_code:
        return None
    return frozenset(
        record_of(root.module, root.resource)
        for root in package.roots
        if root.kind in (RootKind.PICKLE, RootKind.RESOURCE) and root.resource is not None
    )


def archive_of(project: Project, origin: Origin) -> Path | None:
    """Return the archive that the importer of a value opened, None where its path is not known."""
    if not isinstance(origin.importer, cst.Call):
        return None
    path = argument(origin.importer, 0, "file_or_buffer")
    around = next((inner for call, inner in origin.module.sites(cst.Call) if call is origin.importer), None)
    written = constant_path(origin.module, path, around) if path is not None and around is not None else None
    return Path(os.path.normpath(project.root / written)) if written else None


def held_at(project: Project, path: Path) -> Holdings | None:
    """Return what is in the archive of that path: what the project saves there, else what is there."""
    writing = [closure for closure in project.closures if may_write(closure.package, path)]
    records: set[str] = set()
    for closure in writing:
        held = held_by(closure)
        if held is None:
            return None
        records |= held
    if any(closure.package.archive is not None for closure in writing):
        return Holdings(frozenset(records), writing[0].package.name)
    there = project.records(path)
    return Holdings(frozenset(there | records), None) if there is not None else None


def record_of(package: str, resource: str) -> str:
    """Return the record of a resource."""
    return f"{package.replace('.', '/')}/{resource}"


def may_write(package: Package, path: Path) -> bool:
    """Tell whether an export writes that archive, or one that is not known."""
    return os.path.normpath(package.archive) == str(path) if package.archive is not None else package.is_code
