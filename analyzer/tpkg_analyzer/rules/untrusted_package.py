"""TPK701 untrusted-package."""

from collections.abc import Iterator

import libcst as cst

from tpkg_analyzer.model.diagnostic import Diagnostic, Related, Severity
from tpkg_analyzer.rule.bindings import IMPORTERS
from tpkg_analyzer.rule.calls import argument
from tpkg_analyzer.rule.context import ModuleContext
from tpkg_analyzer.rule.excerpts import excerpt
from tpkg_analyzer.rule.module import AnalyzedModule
from tpkg_analyzer.rule.rule import Rule
from tpkg_analyzer.rule.scopes import BindingKind, Scope

_GIVES = {
    "urllib.request.urlretrieve": "is downloaded",
    "urllib.request.urlopen": "is downloaded",
    "requests.get": "is downloaded",
    "requests.post": "is downloaded",
    "httpx.get": "is downloaded",
    "wget.download": "is downloaded",
    "gdown.download": "is downloaded",
    "huggingface_hub.hf_hub_download": "is downloaded",
    "huggingface_hub.snapshot_download": "is downloaded",
    "builtins.input": "comes from outside",
}
_FILLS = {
    "torch.hub.download_url_to_file": (1, "dst"),
    "urllib.request.urlretrieve": (1, "filename"),
    "gdown.download": (1, "output"),
}
"""Functions that write a download to the path that is one of their arguments."""
_PROOFS = frozenset({"hashlib", "sha256", "hash_prefix", "revision", "known_hash", "hmac", "blake2b"})
_DEPTH = 8


class UntrustedPackage(Rule):
    """A package that was downloaded or comes from outside is opened.

    ## What it does
    Reports a PackageImporter on a path or buffer that a download gave or wrote in the same function or module, or that
    `input()` or `sys.argv` names; not in files that check a hash or ask for a fixed revision.

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
        for call, scope in module.sites(cst.Call):
            if module.qualified(call.func, scope) not in IMPORTERS:
                continue
            opened = argument(call, 0, "file_or_buffer")
            found = _outside(module, opened, scope) if opened is not None else None
            if opened is None or found is None:
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


def _outside(
    module: AnalyzedModule, node: cst.BaseExpression, scope: Scope, depth: int = _DEPTH
) -> tuple[cst.CSTNode, str] | None:
    """Return what brings a value in and how, None where that is not known."""
    if depth == 0:
        return None
    filled = _filled(module, node, scope)
    if filled is not None:
        return filled, "is downloaded"
    match node:
        case cst.Call(func=function):
            how = _GIVES.get(module.qualified(function, scope) or "")
            if how is not None:
                return node, how
            below = [item.value for item in node.args]
            if isinstance(function, cst.Attribute):
                below.append(function.value)
            # BytesIO(x), Path(x), x.read(): still the same; the project's own functions may check it.
            if module.qualified(function, scope) in _PASSING or isinstance(function, cst.Attribute):
                return next((found for item in below if (found := _outside(module, item, scope, depth - 1))), None)
            return None
        case cst.Attribute(value=inner):
            return _outside(module, inner, scope, depth - 1)
        case cst.Subscript(value=inner):
            if module.qualified(inner, scope) == "sys.argv":
                return node, "comes from outside"
            return _outside(module, inner, scope, depth - 1)
        case cst.BinaryOperation(left=left, right=right):
            return _outside(module, left, scope, depth - 1) or _outside(module, right, scope, depth - 1)
        case cst.Name(value=name):
            bound = scope.lookup(name)
            if bound is None or len(bound[1]) != 1 or bound[1][0].kind is not BindingKind.ASSIGNMENT:
                return None
            value = bound[1][0].value
            return _outside(module, value, bound[0], depth - 1) if value is not None else None
        case _:
            return None


_PASSING = frozenset(
    {"io.BytesIO", "pathlib.Path", "os.path.join", "os.path.expanduser", "builtins.open", "builtins.str"}
)


def _filled(module: AnalyzedModule, node: cst.BaseExpression, scope: Scope) -> cst.Call | None:
    """Return the download that writes to the path that an expression names: the same name or the same text."""
    text = module.tree.code_for_node(node)
    if not isinstance(node, (cst.Name, cst.SimpleString, cst.Attribute)):
        return None
    for call, inner in module.sites(cst.Call):
        where = _FILLS.get(module.qualified(call.func, inner) or "")
        target = argument(call, *where) if where is not None else None
        if target is None or module.tree.code_for_node(target) != text:
            continue
        if not isinstance(node, cst.Name) or _owner(scope, node.value) is _owner(inner, node.value):
            return call
    return None


def _owner(scope: Scope, name: str) -> Scope | None:
    found = scope.lookup(name)
    return found[0] if found is not None else None
