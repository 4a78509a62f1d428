"""The import that first asks for a module of a closure, and the chain of imports that leads there."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tpkg_analyzer.model.diagnostic import Diagnostic, Fix, Related
from tpkg_analyzer.rule.context import Identified
from tpkg_analyzer.scan.closure import Closure
from tpkg_analyzer.scan.why import Link, chain_to
from tpkg_runtime.spec.source import Span


@dataclass(frozen=True, slots=True)
class Demand:
    """Where a module of a package is first asked for: at an import of `importer`, or where the root is declared."""

    package: str
    module: str
    importer: str
    path: Path
    span: Span
    chain: tuple[Related, ...]
    """The imports from the root to this one, then the declaration of the package."""

    @property
    def is_pickled(self) -> bool:
        """Whether an object that is saved asks for it, and no import."""
        return self.importer.startswith("<")

    def finding(
        self,
        rule: Identified,
        message: str,
        *,
        help: str | None = None,  # noqa: A002 - the field's name in every output format
        related: tuple[Related, ...] = (),
        fix: Fix | None = None,
        symbol: str | None = None,
    ) -> Diagnostic:
        """Return a finding of `rule` about the module; `related` places come before those of the chain."""
        return Diagnostic(
            code=rule.code,
            name=rule.name,
            message=message,
            severity=rule.severity,
            path=self.path,
            span=self.span,
            symbol=symbol or self.module,
            module=self.importer,
            package=self.package,
            help=help,
            related=(*related, *self.chain),
            fix=fix,
        )


def demand_for(closure: Closure, module: str) -> Demand | None:
    """Return what first asks for `module`; None where that is nowhere in a file, as on a command line."""
    links = chain_to(closure, module)
    path, span = _place(closure, module, links)
    if path is None:
        return None
    importer = links[-1].importer if links else ""
    return Demand(closure.package.name, module, importer, path, span, tuple(_related(closure, links[:-1])))


def chain_above(closure: Closure, importer: str) -> tuple[Related, ...]:
    """Return the imports that lead from a root to `importer`, then the declaration of the package."""
    return tuple(_related(closure, chain_to(closure, importer)))


def _place(closure: Closure, module: str, links: tuple[Link, ...]) -> tuple[Path | None, Span]:
    for link in reversed(links):
        path = closure.modules[link.importer].path
        if link.reference is not None and path is not None:
            return path, link.reference.origin.span
    wanted = links[0].importer if links else module
    root = next((item for item in closure.package.roots if item.node == wanted), None)
    place = root.place if root is not None and root.place.path is not None else closure.package.declared
    return place.path, place.span


def _related(closure: Closure, links: tuple[Link, ...]) -> Iterator[Related]:
    for link in links:
        path = closure.modules[link.importer].path
        if link.reference is not None and path is not None:
            yield Related(path, link.reference.origin.span, f"`{link.importer}` imports `{link.target}` here")
    if (declared := closure.package.declared).path is not None:
        yield Related(declared.path, declared.span, f"package `{closure.package.name}` is declared here")
