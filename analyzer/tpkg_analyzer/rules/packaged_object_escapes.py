"""TPK510 packaged-object-escapes."""

from collections.abc import Iterator

import libcst as cst

from tpkg_analyzer.model.diagnostic import Diagnostic, Severity
from tpkg_analyzer.rule.contents import Content, loaded_content
from tpkg_analyzer.rule.context import FileContext, ModuleContext
from tpkg_analyzer.rule.data_uses import is_used_as_data
from tpkg_analyzer.rule.excerpts import excerpt
from tpkg_analyzer.rule.flow import Flow
from tpkg_analyzer.rule.holdings import archive_of
from tpkg_analyzer.rule.loading import may_hold_packaged
from tpkg_analyzer.rule.origins import Kind, Origin
from tpkg_analyzer.rule.own_objects import is_for_script, is_made_here, is_self
from tpkg_analyzer.rule.packaged import owner
from tpkg_analyzer.rule.pickled_parts import pickled_parts
from tpkg_analyzer.rule.picklers import WORDS, pickled_by
from tpkg_analyzer.rule.rule import Rule
from tpkg_analyzer.rule.sides import loaded_here
from tpkg_runtime.wire.messages import Experiment, ExperimentKind


class PackagedObjectEscapes(Rule):
    """An object from a package is handed to something that pickles it.

    ## What it does
    Reports objects that a PackageImporter unpickled, or that a class of a package made, where they are given to
    `pickle`, `torch.save`, `joblib.dump`, a ProcessPoolExecutor, a pool of processes or a spawned process: by
    themselves, in a container, in `nn.Sequential` or a partial call, or in an object of a class that keeps them. So are
    their types, and classes and functions of a package; and in interned modules `torch.save(self)` and the like, also
    with what they make of their own classes. State dicts, copies and forked processes work and are no finding; nothing
    is with `runtime = "tpkg"`, nor in code that runs only where its module is the script.

    What was saved as data, such as a dictionary, a tensor or a layer of torch, pickles well. What a load gives is known
    from the project's own export, else from the archive where that is there. Where neither tells, it is taken for an
    object of the package, which is what packages are made for, unless the code subscripts it, iterates over it, or uses
    it like a dictionary or a tensor.

    ## Why is this bad?
    Pickle writes the name of an object's class and imports it to make sure. The modules of a package have names such as
    `<torch_package_0>.model` that nothing but their importer knows: pickling raises PicklingError.

    ## Example
    ```toml
    [[tool.tpkg-lint.package]]
    name = "classifier"
    archive = "net.pt"
    objects = ["model:Net"]
    actions = [{ intern = "model" }]
    ```
    ```python model.py
    import torch


    class Net(torch.nn.Module):
        pass
    ```
    ```python serve.py
    import torch
    from torch.package import PackageImporter

    net = PackageImporter("net.pt").load_pickle("net", "net.pkl")
    torch.save(net, "checkpoint.pt")
    ```

    ## Use instead
    ```toml
    [[tool.tpkg-lint.package]]
    name = "classifier"
    archive = "net.pt"
    objects = ["model:Net"]
    actions = [{ intern = "model" }]
    ```
    ```python model.py
    import torch


    class Net(torch.nn.Module):
        pass
    ```
    ```python serve.py
    import torch
    from torch.package import PackageImporter

    net = PackageImporter("net.pt").load_pickle("net", "net.pkl")
    torch.save(net.state_dict(), "checkpoint.pt")
    ```

    ## How it is confirmed

    A class of the package is given to pickle, as it names the class of each object. The finding is confirmed if that
    raises. The package is exported if the project says how, else the archive that the code opens is loaded; if that is
    not there, the finding stays open.
    """

    code = "TPK510"
    name = "packaged-object-escapes"
    severity = Severity.ERROR
    since = "0.1"
    confirmed_by = ExperimentKind.ESCAPES
    words = WORDS

    def experiment(self, finding: Diagnostic, code: str) -> Experiment | str | None:
        """Pickle a class of the package; without a package there is none."""
        if finding.package is None and finding.archive is None:
            return "it needs the archive that the code opens"
        symbol = finding.symbol if "." in finding.symbol else ""
        return Experiment(0, ExperimentKind.ESCAPES, finding.module, symbol)

    def concerns(self, context: FileContext) -> bool:
        """Look where an object of a package can be, and in packaged code, which has objects of its own."""
        return super().concerns(context) and (bool(context.closures) or may_hold_packaged(context))

    def check_module(self, context: ModuleContext) -> Iterator[Diagnostic]:
        """Report each call that would pickle an object of a package."""
        if context.project.runtime == "tpkg":
            return  # its modules are in `sys.modules` as long as their importer lives
        module = context.module
        flow = Flow(context.project)
        for call, scope in module.sites(cst.Call):
            parts = (
                part
                for given in pickled_by(module, call, scope)
                for part in pickled_parts(context.project, module, given, scope)
            )
            for value, around in parts:
                if is_self(context, value, around):
                    yield self._finding(context, call, value, f"an object of {owner(context)}", "self")
                    break
                origin = flow.origin(module, value, around)
                if origin is None:
                    continue
                if _is_packaged_object(context, flow, origin):
                    yield self._finding(context, call, value, "from a package", origin.name or "", origin)
                    break
                if is_made_here(context, origin) and not is_for_script(module, call, scope):
                    made = origin.element or origin
                    yield self._finding(context, call, value, f"an object of {owner(context)}", made.name or "")
                    break

    def _finding(
        self,
        context: ModuleContext,
        call: cst.Call,
        value: cst.BaseExpression,
        what: str,
        symbol: str,
        origin: Origin | None = None,
    ) -> Diagnostic:
        shown = excerpt(context.module, value)
        return context.finding(
            self,
            context.module.span(call),
            f"`{excerpt(context.module, call.func)}` raises PicklingError: `{shown}` is {what}, whose modules pickle "
            "cannot import",
            symbol=symbol or shown,
            help="save the state dict, or the object with a PackageExporter that knows the importer",
            related=loaded_here(origin) if origin is not None else (),
            archive=archive_of(context.project, origin) if origin is not None else None,
        )


def _is_packaged_object(context: ModuleContext, flow: Flow, origin: Origin) -> bool:
    if origin.kind is Kind.CONTAINER and origin.element is not None:
        return _is_packaged_object(context, flow, origin.element)
    if origin.kind in (Kind.CLASS, Kind.FUNCTION):
        return origin.importer is not None
    if origin.kind is not Kind.OBJECT:
        return False
    if origin.loads is None:
        return origin.name is not None
    known = loaded_content(context.project, origin)
    return known is Content.OBJECT if known is not None else not is_used_as_data(context.module, flow, origin)
