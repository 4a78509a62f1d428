"""By which imports the broken modules of an export came in."""

from tpkg_runtime.exporter.errors import PackagingError


def find_first_use_of_broken_modules(exc: PackagingError) -> dict[str, list[str]]:
    """Return for each broken module of a PackagingError the path by which it was first reached, itself at the end."""
    if not isinstance(exc, PackagingError):
        raise TypeError(f"exception must be a PackagingError, got {type(exc).__name__}")
    graph = exc.dependency_graph
    return {module: graph.first_path(module) for module, attributes in graph.nodes.items() if attributes.get("error")}
