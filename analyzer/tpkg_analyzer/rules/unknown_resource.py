"""TPK506 unknown-resource."""

from collections.abc import Iterator
from difflib import get_close_matches
from pathlib import Path

import libcst as cst

from tpkg_analyzer.model.diagnostic import Diagnostic, Edit, Fix, Severity
from tpkg_analyzer.rule.calls import argument
from tpkg_analyzer.rule.constants import constant_string
from tpkg_analyzer.rule.context import ModuleContext
from tpkg_analyzer.rule.flow import Flow
from tpkg_analyzer.rule.holdings import Holdings, archive_of, held_at, held_by, record_of
from tpkg_analyzer.rule.origins import Kind
from tpkg_analyzer.rule.rule import Rule
from tpkg_analyzer.rule.scopes import Scope
from tpkg_runtime.wire.messages import ExperimentKind

_LOADS = frozenset({"load_pickle", "load_text", "load_binary"})
_OWN = "torch_package_importer"
_SHOWN = 5


class UnknownResource(Rule):
    """A load names a resource that the archive does not have.

    ## What it does
    Reports `load_pickle`, `load_text` and `load_binary` of a package and a resource that none of the project's
    saves into that archive provides, or that are not in the archive itself, where no export of the project writes
    it. In code that is packaged, loads through `torch_package_importer` are held against the saves of its own
    package.

    It is silent where the path of the archive or a name in it is not known.

    ## Why is this bad?
    The load raises, in torch with a message about a damaged file: "failed locating file".

    ## Example
    ```python export.py
    from torch.package import PackageExporter

    with PackageExporter("net.pt") as exporter:
        exporter.save_pickle("net", "model.pkl", {"size": 3})
    ```
    ```python serve.py
    from torch.package import PackageImporter

    net = PackageImporter("net.pt").load_pickle("net", "net.pkl")
    ```

    ## Use instead
    ```python export.py
    from torch.package import PackageExporter

    with PackageExporter("net.pt") as exporter:
        exporter.save_pickle("net", "model.pkl", {"size": 3})
    ```
    ```python serve.py
    from torch.package import PackageImporter

    net = PackageImporter("net.pt").load_pickle("net", "model.pkl")
    ```

    ## Fix safety
    Safe. The name is replaced by the nearest one that is there; the load could not work as it was.

    ## How it is confirmed
    The resource is asked for: in the archive where that is there, else in the package as it is exported. The finding
    is confirmed if that raises.
    """

    code = "TPK506"
    name = "unknown-resource"
    severity = Severity.ERROR
    since = "0.1"
    confirmed_by = ExperimentKind.RESOURCE_MISSING
    words = _LOADS

    def check_module(self, context: ModuleContext) -> Iterator[Diagnostic]:
        """Hold each load against what is saved."""
        module, flow = context.module, Flow(context.project)
        for call, scope in module.sites(cst.Call):
            if not isinstance(call.func, cst.Attribute) or call.func.attr.value not in _LOADS:
                continue
            package, resource = argument(call, 0, "package"), argument(call, 1, "resource")
            if package is None or resource is None:
                continue
            names = [constant_string(module, item, scope) for item in (package, resource)]
            if names[0] is None or names[1] is None or names[1].endswith(".py"):
                continue
            record = record_of(names[0], names[1])
            is_own = module.qualified(call.func.value, scope) == _OWN
            archive = None if is_own else _opened(context, flow, call.func.value, scope)
            if is_own:
                held = _own(context, record)
            else:
                held = held_at(context.project, archive) if archive is not None else None
            if held is None or record in held.records or not names[1]:
                continue
            nearest = _nearest(names[0], names[1], held.records)
            what = f"package `{held.package}`" if held.package else "the archive"
            is_package = nearest is not None and nearest.rpartition("/")[0] != record.rpartition("/")[0]
            yield context.finding(
                self,
                module.span(package if is_package else resource),
                f"{what} has no resource `{names[1]}` in `{names[0]}`: the load raises",
                symbol=record,
                help=_advice(nearest, held.records),
                package=held.package,
                fix=_renamed(context, package if is_package else resource, nearest, is_package=is_package),
                archive=archive,
            )


def _own(context: ModuleContext, record: str) -> Holdings | None:
    for closure in context.closures:
        held = held_by(closure)
        if held is not None and record not in held:
            return Holdings(held, closure.package.name)
    return None


def _opened(context: ModuleContext, flow: Flow, importer: cst.BaseExpression, scope: Scope) -> Path | None:
    """Return the archive that an importer opened."""
    origin = flow.origin(context.module, importer, scope)
    return archive_of(context.project, origin) if origin is not None and origin.kind is Kind.IMPORTER else None


def _nearest(package: str, resource: str, records: frozenset[str]) -> str | None:
    """Return the record that was meant: of the same package with a like name, or of the same name elsewhere."""
    folder = package.replace(".", "/")
    beside = [record.rpartition("/")[2] for record in records if record.rpartition("/")[0] == folder]
    close = get_close_matches(resource, sorted(beside), n=1)
    if close:
        return f"{folder}/{close[0]}"
    folders = {record.rpartition("/")[0]: record for record in records if record.rpartition("/")[2] == resource}
    named = get_close_matches(folder, sorted(folders), n=1) or (sorted(folders) if len(folders) == 1 else [])
    if named:
        return folders[named[0]]
    return f"{folder}/{beside[0]}" if len(beside) == 1 else None


def _advice(nearest: str | None, records: frozenset[str]) -> str:
    if nearest is not None:
        package, _, resource = nearest.rpartition("/")
        return f'did you mean `"{package.replace("/", ".")}", "{resource}"`?'
    if not records:
        return "nothing is saved there"
    shown = sorted(records)[:_SHOWN]
    return f"there is {', '.join(shown)}" + (", …" if len(records) > _SHOWN else "")


def _renamed(context: ModuleContext, node: cst.BaseExpression, nearest: str | None, *, is_package: bool) -> Fix | None:
    if nearest is None or not isinstance(node, cst.SimpleString) or len(node.quote) != 1 or node.prefix:
        return None
    package, _, resource = nearest.rpartition("/")
    name = package.replace("/", ".") if is_package else resource
    text = f"{node.quote}{name}{node.quote}"
    return Fix(f"Load {name}", (Edit(context.path, context.module.span(node), text),), is_safe=True)
