"""TPK210 distribution-metadata."""

import re
from collections.abc import Iterator

import libcst as cst

from tpkg_analyzer.model.diagnostic import Diagnostic, Severity
from tpkg_analyzer.rule.calls import argument
from tpkg_analyzer.rule.constants import constant_string
from tpkg_analyzer.rule.context import ModuleContext
from tpkg_analyzer.rule.dynamic import function_called, mentions
from tpkg_analyzer.rule.packaged import is_meant_for_package, owner
from tpkg_analyzer.rule.rule import Rule
from tpkg_runtime.wire.messages import ExperimentKind

_NAMES = ("version", "metadata", "distribution", "files", "requires")
_FUNCTIONS = {
    **{
        f"{module}.{name}": "distribution_name"
        for module in ("importlib.metadata", "importlib_metadata")
        for name in _NAMES
    },
    "pkg_resources.get_distribution": "dist",
    "pkg_resources.require": "requirements",
}
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


class DistributionMetadata(Rule):
    """A packaged module asks for the metadata of its own distribution.

    ## What it does
    Reports `importlib.metadata.version`, `metadata`, `distribution`, `files` and `requires`, and their counterparts of
    `pkg_resources`, in an interned module, for a distribution whose modules the package holds: by constant name, by
    `__package__` or by `__name__`.

    ## Why is this bad?
    A package has no metadata. The call tells the version that the host has installed, which need not be that of the
    code, or raises PackageNotFoundError where the host has none.

    ## Example
    ```toml
    [[tool.tpkg-lint.package]]
    name = "classifier"
    modules = ["classifier"]
    actions = [{ intern = "classifier" }]
    ```
    ```python classifier.py
    from importlib import metadata


    def version():
        return metadata.version("classifier")
    ```

    ## Use instead
    ```toml
    [[tool.tpkg-lint.package]]
    name = "classifier"
    modules = ["classifier"]
    actions = [{ intern = "classifier" }]
    ```
    ```python classifier.py
    VERSION = "1.0"
    ```

    ## How it is confirmed

    The installed distributions are asked. The finding is confirmed if there is none of that name, or if the package
    holds modules of it.
    """

    code = "TPK210"
    name = "distribution-metadata"
    severity = Severity.WARNING
    since = "0.1"
    runs_inside = True
    confirmed_by = ExperimentKind.DISTRIBUTION
    words = frozenset({name.replace(".", " ") for name in _FUNCTIONS})

    def check_module(self, context: ModuleContext) -> Iterator[Diagnostic]:
        """Report each question about a distribution that is in the package."""
        if not context.is_packaged:
            return
        module = context.module
        for call, scope in module.sites(cst.Call):
            function = function_called(module, call, scope)
            if function not in _FUNCTIONS or (given := argument(call, 0, _FUNCTIONS[function])) is None:
                continue
            text = constant_string(module, given, scope)
            is_own = mentions(given, "__name__") or mentions(given, "__package__")
            found = _NAME.match(text) if text else None
            if not is_own and (found is None or not _is_packaged(context, found.group())):
                continue
            shown = module.tree.code_for_node(given)
            yield context.finding(
                self,
                module.span(call),
                f"`{function}({shown})` tells what the host has installed, if anything, and not what is in "
                f"{owner(context)}",
                symbol=found.group() if found else context.name.partition(".")[0],
                help="keep the version in the code",
            )


def _is_packaged(context: ModuleContext, distribution: str) -> bool:
    """Tell whether a distribution's main module goes into the package; names differ in hyphens and case."""
    names = {re.sub(r"[-.]+", "_", distribution), re.sub(r"[-.]+", "_", distribution).lower()}
    return any(is_meant_for_package(context, name) for name in names)
