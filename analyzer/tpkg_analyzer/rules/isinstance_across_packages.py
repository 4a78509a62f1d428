"""TPK401 isinstance-across-packages."""

from collections.abc import Iterator

import libcst as cst

from tpkg_analyzer.model.diagnostic import Diagnostic, Severity
from tpkg_analyzer.rule.class_names import check_by_name
from tpkg_analyzer.rule.context import FileContext, ModuleContext
from tpkg_analyzer.rule.excerpts import excerpt
from tpkg_analyzer.rule.flow import Flow
from tpkg_analyzer.rule.loading import may_hold_packaged
from tpkg_analyzer.rule.rule import Rule
from tpkg_analyzer.rule.sides import instance_in, loaded_here, members, mismatch
from tpkg_runtime.wire.messages import ExperimentKind

_CHECKS = {"builtins.isinstance": "isinstance", "builtins.issubclass": "issubclass"}


class IsinstanceAcrossPackages(Rule):
    """An object from a package is compared with a class of the host, or the other way round.

    ## What it does
    Reports `isinstance` and `issubclass` where the first argument is known to come from a PackageImporter and the
    class is the host's copy of one that a package interns, or where the class comes from one importer and the object
    from another or from the host. Of `type(x)` the class is known where the project makes the export that x is in.

    ## Why is this bad?
    A package runs its modules again, so that its classes are other objects than the host's classes of the same name.
    The check is False for every object that the package holds.

    ## Example
    ```toml
    [[tool.tpkg-lint.package]]
    name = "classifier"
    modules = ["model"]
    actions = [{ intern = "model" }]
    ```
    ```python model.py
    class Net:
        pass
    ```
    ```python serve.py
    from torch.package import PackageImporter

    from model import Net

    net = PackageImporter("net.pt").load_pickle("net", "net.pkl")
    assert isinstance(net, Net)
    ```

    ## Use instead
    ```toml
    [[tool.tpkg-lint.package]]
    name = "classifier"
    modules = ["model"]
    actions = [{ intern = "model" }]
    ```
    ```python model.py
    class Net:
        pass
    ```
    ```python serve.py
    from torch.package import PackageImporter

    importer = PackageImporter("net.pt")
    net = importer.load_pickle("net", "net.pkl")
    assert isinstance(net, importer.import_module("model").Net)
    ```

    ## Fix safety
    Unsafe. The fix asks for the name of the class, which both copies have: so has any other class of that name, and a
    class that decides itself what its objects are is no longer asked.

    ## How it is confirmed
    The class is imported in the host and from the package. The finding is confirmed if they are different classes and
    neither is a subclass of the other.
    """

    code = "TPK401"
    name = "isinstance-across-packages"
    severity = Severity.ERROR
    since = "0.1"
    confirmed_by = ExperimentKind.OWN_CLASS
    words = frozenset({"isinstance", "issubclass"})

    def concerns(self, context: FileContext) -> bool:
        """Look only where an object of a package can be."""
        return super().concerns(context) and may_hold_packaged(context)

    def check_module(self, context: ModuleContext) -> Iterator[Diagnostic]:
        """Report each check whose sides are known to differ."""
        module = context.module
        flow = Flow(context.project)
        for call, scope in module.sites(cst.Call):
            check = _CHECKS.get(module.qualified(call.func, scope) or "")
            if check is None or len(call.args) != 2 or any(item.star or item.keyword for item in call.args):
                continue
            value, classes = call.args[0].value, call.args[1].value
            instance = instance_in(module, value, scope) if check == "issubclass" else None
            made = flow.origin(module, value if instance is None else instance, scope)
            for cls in members(classes) if made is not None else ():
                found = mismatch(context, flow, made, cls, scope)
                if found is None:
                    continue
                shown = excerpt(module, value)
                yield context.finding(
                    self,
                    module.span(call),
                    f"`{check}({shown}, {excerpt(module, cls)})` is always False: `{shown}` {found.reason}",
                    symbol=found.class_name,
                    help="ask what the object can do, for a marker attribute, or for the class of the same importer",
                    related=loaded_here(found.origin),
                    fix=check_by_name(context.project, module, call, scope, is_of_class=check == "issubclass"),
                    package=found.package,
                )
