"""What a pickle that is loaded holds: an object of a class that its package interns, or data that the host can name."""

from collections.abc import Iterable
from enum import Enum
from pathlib import Path

from tpkg_analyzer.model.package import Package, Root, RootKind
from tpkg_analyzer.rule.bindings import scope_of
from tpkg_analyzer.rule.calls import argument
from tpkg_analyzer.rule.certain import certain_modules, certain_part
from tpkg_analyzer.rule.constants import constant_string
from tpkg_analyzer.rule.context import Project, action_in
from tpkg_analyzer.rule.holdings import archive_of, may_write, record_of
from tpkg_analyzer.rule.origins import Origin
from tpkg_analyzer.scan.closure import Closure
from tpkg_runtime.archive.layout import source_record
from tpkg_runtime.spec.actions import Action


class Content(Enum):
    """What a pickle holds, seen from outside of its package."""

    OBJECT = "object"
    """An object whose pickle names a module of the package."""
    DATA = "data"
    """What names modules of the host alone: texts and numbers, containers, tensors, layers of torch."""


def loaded_content(project: Project, origin: Origin) -> Content | None:
    """Return what a load gave, by its arguments; None where that is not known."""
    if origin.loads is None or (scope := scope_of(origin.module, origin.loads)) is None:
        return None
    given = argument(origin.loads, 0, "package"), argument(origin.loads, 1, "resource")
    names = [constant_string(origin.module, item, scope) if item is not None else None for item in given]
    if names[0] is None or names[1] is None:
        return None
    return content_of(project, archive_of(project, origin), record_of(names[0], names[1]))


def content_of(project: Project, archive: Path | None, record: str) -> Content | None:
    """Return what a record of an archive holds: as the project saves it there, else as it is on disk.

    Where nothing is known of either, what the project saves under that name, wherever that goes.
    """
    may = [closure for closure in project.closures if archive is None or may_write(closure.package, archive)]
    certainly = [closure for closure in may if archive is not None and closure.package.archive is not None]
    found = _saved(project, certainly, record)
    if found is None and archive is not None:
        found = _there(project, archive, record)
    return found or _saved(project, may, record)


def _saved(project: Project, closures: Iterable[Closure], record: str) -> Content | None:
    found = {
        _of_root(project, closure, root)
        for closure in closures
        for root in closure.package.roots
        if root.kind is not RootKind.RESOURCE and root.resource and record_of(root.module, root.resource) == record
    }
    if Content.DATA in found:
        return Content.DATA
    return Content.OBJECT if found == {Content.OBJECT} else None


def _of_root(project: Project, closure: Closure, root: Root) -> Content | None:
    modules = [module for module, _ in root.globals] if root.kind is RootKind.PICKLE else [root.module]
    certain = certain_modules(closure)
    if any(module in certain and action_in(closure, module) is Action.INTERN for module in modules):
        return Content.OBJECT
    if root.may_be_object:
        return None
    is_left = _has_known_actions(closure.package) or all(_is_of_host(project, module) for module in modules)
    return (
        Content.DATA if is_left and not any(action_in(closure, module) is Action.INTERN for module in modules) else None
    )


def _has_known_actions(package: Package) -> bool:
    return certain_part(package) is not None


def _is_of_host(project: Project, module: str) -> bool:
    """Tell whether no pattern is asked for a module."""
    return module.partition(".")[0] in ("torch", *project.stdlib_names)


def _there(project: Project, archive: Path, record: str) -> Content | None:
    records = project.records(archive)
    modules = project.pickled(archive, record) if records is not None and record in records else None
    if records is None or modules is None:
        return None
    own = any(source_record(module, is_package) in records for module in modules for is_package in (False, True))
    return Content.OBJECT if own else Content.DATA
