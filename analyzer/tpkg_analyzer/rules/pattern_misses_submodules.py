"""TPK124 pattern-misses-submodules."""

from collections.abc import Iterator

from tpkg_analyzer.model.diagnostic import Diagnostic, Severity
from tpkg_analyzer.rule.certain import certainly_broken
from tpkg_analyzer.rule.context import Project
from tpkg_analyzer.rule.exporting import finding_at, is_plain_literal, quoted_like, replaced
from tpkg_analyzer.rule.late import is_matched_later
from tpkg_analyzer.rule.rule import Rule
from tpkg_analyzer.scan.closure import Closure
from tpkg_runtime.spec.reasons import PackagingErrorReason
from tpkg_runtime.wire.messages import ExperimentKind


class PatternMissesSubmodules(Rule):
    """A pattern names a package without its submodules, and the closure has some of them.

    ## What it does
    Reports a pattern `x` or `x.*` if modules deeper under `x` are in the closure and no pattern matches them.

    ## Why is this bad?
    `x` is that module alone, `x.*` exactly one level below it without `x` itself, and `x.**` is `x` with all
    below. The export ends with a PackagingError for the modules that were left out.

    ## Example
    ```python export.py
    from torch.package import PackageExporter

    with PackageExporter("net.pt") as exporter:
        exporter.intern("heads")
        exporter.save_module("net")
    ```
    ```python net.py
    import heads.big

    USED = (heads.big,)
    ```
    ```python heads/__init__.py

    ```
    ```python heads/big.py
    SIZE = 3
    ```

    ## Use instead
    ```python export.py
    from torch.package import PackageExporter

    with PackageExporter("net.pt") as exporter:
        exporter.intern("heads.**")
        exporter.save_module("net")
    ```
    ```python net.py
    import heads.big

    USED = (heads.big,)
    ```
    ```python heads/__init__.py

    ```
    ```python heads/big.py
    SIZE = 3
    ```

    ## Fix safety
    Safe. The pattern takes modules that have no action now; those that have one keep it, unless a later pattern
    of another action had taken modules below.

    ## How it is confirmed

    The package is exported. The finding is confirmed if the error names a module below the pattern as one without an
    action.
    """

    code = "TPK124"
    name = "pattern-misses-submodules"
    severity = Severity.WARNING
    since = "0.1"
    confirmed_by = ExperimentKind.NO_ACTION_BELOW

    def check_closure(self, closure: Closure, project: Project) -> Iterator[Diagnostic]:
        """Look for modules without an action below what a pattern names."""
        package = closure.package
        broken = certainly_broken(closure)
        without = (name for name, why in broken.items() if why is PackagingErrorReason.NO_ACTION)
        missing = sorted(name for name in without if not is_matched_later(closure, name))
        for call in package.actions:
            for index, pattern in enumerate(call.include):
                stem = pattern.removesuffix(".*")
                if "*" in stem or not stem:
                    continue
                left = [name for name in missing if name == stem or name.startswith(f"{stem}.")]
                if not left:
                    continue
                place, wide = call.place_of(index), f"{stem}.**"
                is_literal = is_plain_literal(project, package, place, pattern)
                mended = quoted_like(project, package, place, wide)
                yield finding_at(
                    self,
                    closure,
                    place,
                    f'"{pattern}" does not match {_shown(left)}, which the closure of package `{package.name}` has',
                    symbol=pattern,
                    help=f'write "{wide}", which is `{stem}` and all below it',
                    fix=replaced(place, mended, f"Write {mended}") if is_literal else None,
                )


def _shown(names: list[str]) -> str:
    rest = f" and {len(names) - 2} more" if len(names) > 2 else ""
    return ", ".join(f"`{name}`" for name in names[:2]) + rest
