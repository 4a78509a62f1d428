"""workspace/executeCommand (LSP 3.17): the packages that there are, for a client to let a person choose."""

from typing import Any

from tpkg_server.fates import numbers
from tpkg_server.server import TpkgServer


def register(server: TpkgServer) -> None:
    """Offer the command; its answer is plain JSON."""

    @server.command("tpkg-lint.packages")
    async def packages() -> list[dict[str, Any]]:
        """Return the packages of all projects: name, numbers, modules, and where each is declared."""
        return [
            {
                "name": closure.package.name,
                "numbers": numbers(closure),
                "outcome": closure.outcome,
                "modules": sorted(closure.modules),
                "root": str(root),
                "uri": server.documents.uri(closure.package.declared.path or root),
                "line": closure.package.declared.span.line - 1,
            }
            for root, view in server.analysis.board.projects.items()
            for closure in view.closures
        ]
