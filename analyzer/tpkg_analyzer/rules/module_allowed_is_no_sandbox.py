"""TPK702 module-allowed-is-no-sandbox."""

from collections.abc import Iterator

import libcst as cst

from tpkg_analyzer.model.diagnostic import Diagnostic, Severity
from tpkg_analyzer.rule.bindings import IMPORTERS
from tpkg_analyzer.rule.calls import argument
from tpkg_analyzer.rule.context import ModuleContext
from tpkg_analyzer.rule.excerpts import excerpt
from tpkg_analyzer.rule.rule import Rule


class ModuleAllowedIsNoSandbox(Rule):
    """`module_allowed` is used as protection.

    ## What it does
    Reports a PackageImporter that is given a `module_allowed` which may refuse something.

    ## Why is this bad?
    The function is asked about the list of extern modules that the archive itself supplies. Code in the archive reaches
    any other module by `importlib`, and a pickle any function that is installed. It tells early that something is
    missing; it keeps nobody out.

    ## Example
    ```python serve.py
    import torch
    from torch.package import PackageImporter

    importer = PackageImporter("net.pt", module_allowed=lambda name: name != "os")
    ```

    ## Use instead
    ```python serve.py
    import torch
    from torch.package import PackageImporter

    importer = PackageImporter("net.pt")
    ```

    ## How it is confirmed
    Nothing is tried: what the function is meant for is not to be seen.
    """

    code = "TPK702"
    name = "module-allowed-is-no-sandbox"
    severity = Severity.WARNING
    since = "0.1"
    words = frozenset({"PackageImporter"})

    def check_module(self, context: ModuleContext) -> Iterator[Diagnostic]:
        """Report each filter that is given to an importer."""
        module = context.module
        for call, scope in module.sites(cst.Call):
            if module.qualified(call.func, scope) not in IMPORTERS:
                continue
            allowed = argument(call, 1, "module_allowed")
            if allowed is None or _allows_all(allowed):
                continue
            yield context.finding(
                self,
                module.span(allowed),
                "`module_allowed` sees the extern list that the archive itself supplies: code in the package imports "
                "whatever it wants",
                symbol=excerpt(module, allowed),
                help="open only packages that you trust; run others in a process that may do nothing",
            )


def _allows_all(allowed: cst.BaseExpression) -> bool:
    match allowed:
        case cst.Lambda(body=cst.Name(value="True")):
            return True
        case _:
            return False
