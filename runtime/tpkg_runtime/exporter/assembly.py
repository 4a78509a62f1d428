"""Turning a finished dependency graph into the records of an archive."""

import platform
import sys
from collections.abc import Container

from tpkg_runtime.archive import layout
from tpkg_runtime.environment.distributions import to_record, versions_of
from tpkg_runtime.exporter.coding import with_utf8_cookie
from tpkg_runtime.exporter.contents import Contents
from tpkg_runtime.exporter.environment import ImportedEnvironment
from tpkg_runtime.exporter.mocks import STUB_SOURCE, mock_source
from tpkg_runtime.exporter.script import ScriptModules
from tpkg_runtime.spec.actions import Action
from tpkg_runtime.spec.ancestors import ancestors_in, modules_beside, with_ancestors
from tpkg_runtime.spec.walk import DependencyWalk


def module_sources(
    walk: DependencyWalk, environment: ImportedEnvironment, beside: Container[str] = ()
) -> dict[str, str]:
    """Return the record and the source of each module that a graph puts into a package, in its order.

    The modules `beside` get records that torch.package does not look at.
    """
    sources: dict[str, str] = {}
    for module, attributes in walk.graph.nodes.items():
        folder = layout.BESIDE if module in beside else ""
        match attributes.get("action"):
            case Action.INTERN if attributes.get("source") is not None:
                sources[folder + layout.source_record(module, attributes["is_package"])] = attributes["source"]
            case Action.MOCK:
                sources.setdefault(folder + layout.source_record("_mock", False), mock_source())
                is_package = hasattr(environment.load(module), "__path__")
                sources[folder + layout.source_record(module, is_package)] = STUB_SOURCE
            case Action.REPACKAGED_MOCK:
                sources.setdefault(folder + layout.source_record("_mock", False), mock_source())
    return sources


def assemble(
    walk: DependencyWalk,
    environment: ImportedEnvironment,
    script: ScriptModules,
    contents: Contents,
    faithful: bool,
) -> None:
    """Add to the resources in `contents` all else that the archive has. Raises ExportError for what collides."""
    complete = walk if faithful else with_ancestors(walk)
    above = ancestors_in(complete, beyond=walk)
    beside = modules_beside(complete, beyond=walk)
    externs = _externs(walk)
    for record, source in module_sources(complete, environment, beside).items():
        contents.add(record, (source if faithful else with_utf8_cookie(source)).encode())
    if not faithful:
        contents.check_collisions(externs)
    if above:
        contents.add(layout.ANCESTORS, "".join(f"{name}\n" for name in above).encode())
        externs_beside = [name for name in _externs(complete) if name not in externs]
        contents.add(layout.EXTERN_BESIDE, "".join(f"{name}\n" for name in externs_beside).encode())
    contents.add(layout.EXTERN_MODULES, ("\n".join(externs) + "\n").encode())
    contents.add(layout.PYTHON_VERSION, platform.python_version().encode())
    if not faithful and (versions := versions_of(externs)):
        contents.add(layout.EXTERN_VERSIONS, to_record(versions))
    for record, data in script.records():
        contents.add(record, data)
    contents.add(layout.VERSION, f"{script.version()}\n".encode())
    contents.add(layout.BYTEORDER, sys.byteorder.encode())


def _externs(walk: DependencyWalk) -> list[str]:
    return [name for name, node in walk.graph.nodes.items() if node.get("action") is Action.EXTERN]
