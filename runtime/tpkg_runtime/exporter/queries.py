"""What an exporter tells about the package so far."""

from tpkg_runtime.spec.actions import Action
from tpkg_runtime.spec.graph import DiGraph
from tpkg_runtime.spec.walk import DependencyWalk


class GraphQueries:
    """The questions about the dependency graph; a part of `PackageExporter`."""

    _walk: DependencyWalk

    @property
    def dependency_graph(self) -> DiGraph:
        """Modules and pickles, and what depends on what."""
        return self._walk.graph

    def dependency_graph_string(self) -> str:
        """Return the dependency graph in the DOT language."""
        return self._walk.graph.to_dot()

    def interned_modules(self) -> list[str]:
        """Return the sorted names of the modules that go into the package."""
        return self._walk.modules_with(Action.INTERN)

    def externed_modules(self) -> list[str]:
        """Return the sorted names of the modules that are left to the environment."""
        return self._walk.modules_with(Action.EXTERN)

    @property
    def extern_modules(self) -> list[str]:
        """The same as `externed_modules()`, by the name that the documentation has."""
        return self.externed_modules()

    def mocked_modules(self) -> list[str]:
        """Return the sorted names of the modules that stubs stand in for."""
        return self._walk.modules_with(Action.MOCK)

    def denied_modules(self) -> list[str]:
        """Return the sorted names of the modules that were denied."""
        return self._walk.modules_with(Action.DENY)

    def unmatched_patterns(self) -> list[int]:
        """Return which of the intern, extern, mock and deny calls, counted from 0, no module was given to."""
        return self._walk.empty_patterns()

    def get_rdeps(self, module_name: str) -> list[str]:
        """Return what directly depends on a module."""
        graph = self._walk.graph
        return list(graph.predecessors(module_name)) if module_name in graph else []

    def all_paths(self, src: str, dst: str) -> str:
        """Return in the DOT language the part of the graph that leads from `src` to `dst`."""
        return self._walk.graph.all_paths(src, dst)
