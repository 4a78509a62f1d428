"""TPK701 untrusted-package."""

from collections.abc import Iterator

import libcst as cst

from tpkg_analyzer.model.diagnostic import Diagnostic, Related, Severity
from tpkg_analyzer.rule.bindings import IMPORTERS
from tpkg_analyzer.rule.calls import argument
from tpkg_analyzer.rule.context import ModuleContext
from tpkg_analyzer.rule.downloads import Downloads
from tpkg_analyzer.rule.excerpts import excerpt
from tpkg_analyzer.rule.rule import Rule

_PROOFS = frozenset({"hashlib", "sha256", "hash_prefix", "revision", "known_hash", "hmac", "blake2b"})


class UntrustedPackage(Rule):
    """A package that was downloaded or comes from outside is opened.

    ## What it does
    Reports a PackageImporter on a path or buffer that a download gave or wrote in the same function or module, also
    by a function of it, or that `input()` or `sys.argv` names; not in files that check a hash or ask for a fixed
    revision.

    ## Why is this bad?
    Loading a package runs its code: every module that is imported and every pickle may do what the process may. There
    is no mode that only loads weights. Who can change the file, or what its address answers, runs code here.

    ## Example
    ```python serve.py
    import torch
    from torch.package import PackageImporter

    torch.hub.download_url_to_file("https://example.org/net.pt", "net.pt")
    net = PackageImporter("net.pt").load_pickle("net", "net.pkl")
    ```

    ## Use instead
    ```python serve.py
    import torch
    from torch.package import PackageImporter

    torch.hub.download_url_to_file("https://example.org/net.pt", "net.pt", hash_prefix="3a7bd3e2360a3d29")
    net = PackageImporter("net.pt").load_pickle("net", "net.pkl")
    ```

    ## How it is confirmed
    Nothing is tried: what others put into a file is not to be had here.
    """

    code = "TPK701"
    name = "untrusted-package"
    severity = Severity.WARNING
    since = "0.1"
    words = frozenset({"PackageImporter"})

    def check_module(self, context: ModuleContext) -> Iterator[Diagnostic]:
        """Report each importer whose argument is known to come from outside."""
        if not _PROOFS.isdisjoint(context.words):
            return
        module = context.module
        downloads: Downloads | None = None
        for call, scope in module.sites(cst.Call):
            if module.qualified(call.func, scope) not in IMPORTERS:
                continue
            opened = argument(call, 0, "file_or_buffer")
            if opened is None:
                continue
            downloads = downloads or Downloads(module)
            found = downloads.outside(opened, scope)
            if found is None:
                continue
            source, how = found
            yield context.finding(
                self,
                module.span(call),
                f"`{excerpt(module, opened)}` {how}: loading the package runs whatever code is in it",
                symbol=excerpt(module, opened),
                help="check a hash or signature of the file before it is opened, or pin what is downloaded",
                related=(Related(context.path, module.span(source), "it comes in here"),),
            )
