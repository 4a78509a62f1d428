"""TPK101 no-action."""

from collections.abc import Iterator
from pathlib import Path

from tpkg_analyzer.model.diagnostic import Diagnostic, Edit, Fix, Related, Severity
from tpkg_analyzer.model.package import Package
from tpkg_analyzer.rule.context import Project
from tpkg_analyzer.rule.rule import Rule
from tpkg_analyzer.scan.closure import Closure
from tpkg_analyzer.scan.why import Link, chain_to
from tpkg_runtime.spec.reasons import PackagingErrorReason
from tpkg_runtime.spec.source import START, Span
from tpkg_runtime.wire.messages import ExperimentKind


class NoAction(Rule):
    """A module of the closure matches no pattern.

    ## What it does
    Follows the imports of everything that the package saves, as the exporter does, and reports each module for which
    no intern, extern, mock or deny pattern has a word, with the chain of imports that leads to it.

    ## Why is this bad?
    The export ends with a PackagingError. The exporter names the modules, not the imports that ask for them, and a
    module that is interned to mend the first error often brings the next one.

    ## Example
    ```toml
    [[tool.tpkg-lint.package]]
    name = "classifier"
    modules = ["classifier"]
    actions = [{ intern = "classifier.**" }]
    ```
    ```python classifier.py
    import helpers
    ```
    ```python helpers.py
    LIMIT = 3
    ```

    ## Use instead
    ```toml
    [[tool.tpkg-lint.package]]
    name = "classifier"
    modules = ["classifier"]
    actions = [{ intern = "classifier.**" }, { intern = "helpers" }]
    ```
    ```python classifier.py
    import helpers
    ```
    ```python helpers.py
    LIMIT = 3
    ```

    ## Fix safety
    Safe. The fix adds one action after those that are declared: intern for first-party modules, extern for all others.
    What other modules get does not change, because earlier patterns are asked first.

    ## How it is confirmed
    The package is exported; the finding is confirmed if the PackagingError names the module.
    """

    code = "TPK101"
    name = "no-action"
    severity = Severity.ERROR
    since = "0.1"
    confirmed_by = ExperimentKind.EXPORT_ERROR

    def check_closure(self, closure: Closure, project: Project) -> Iterator[Diagnostic]:
        """Report every module without an action at the import that first asks for it."""
        if closure.package.is_open:
            return
        for name, reason in closure.broken.items():
            if reason is not PackagingErrorReason.NO_ACTION:
                continue
            chain = chain_to(closure, name)
            path, span = _place(closure, chain)
            if path is None:
                continue
            verb = "intern" if project.is_first_party(name) else "extern"
            pattern = name if name in project.stdlib_names else f"{name.partition('.')[0]}.**"
            yield Diagnostic(
                code=self.code,
                name=self.name,
                message=f"`{name}` is in the closure of package `{closure.package.name}` and no pattern matches it: "
                "the export raises PackagingError",
                severity=self.severity,
                path=path,
                span=span,
                symbol=name,
                module=chain[-1].importer if chain else "",
                package=closure.package.name,
                help=f'{verb} "{pattern}", or remove the import',
                related=tuple(_related(closure, chain)),
                fix=_fix(closure.package, verb, pattern),
            )


def _place(closure: Closure, chain: tuple[Link, ...]) -> tuple[Path | None, Span]:
    for link in reversed(chain):
        path = closure.modules[link.importer].path
        if link.reference is not None and path is not None:
            return path, link.reference.origin.span
    root = next((item for item in closure.package.roots if chain and chain[0].target == item.module), None)
    place = root.place if root is not None and root.place.path is not None else closure.package.declared
    return place.path, place.span


def _related(closure: Closure, chain: tuple[Link, ...]) -> Iterator[Related]:
    for link in chain[:-1]:
        path = closure.modules[link.importer].path
        if link.reference is not None and path is not None:
            yield Related(path, link.reference.origin.span, f"`{link.importer}` imports `{link.target}` here")
    if (declared := closure.package.declared).path is not None:
        yield Related(declared.path, declared.span, f"package `{closure.package.name}` is declared here")


def _fix(package: Package, verb: str, pattern: str) -> Fix | None:
    """Add the action behind the last one of a configured package."""
    if not package.actions:
        return None
    last = package.actions[-1].place
    if last.path is None or last.path.suffix != ".toml" or last.span == START:
        return None
    end = Span(last.span.end_line, last.span.end_column, last.span.end_line, last.span.end_column)
    separator = ", " if last.span.line == package.declared.span.line else ",\n" + " " * (last.span.column - 1)
    edit = Edit(last.path, end, f'{separator}{{ {verb} = "{pattern}" }}')
    return Fix(f'Add {verb} "{pattern}" to package `{package.name}`', (edit,), is_safe=True)
