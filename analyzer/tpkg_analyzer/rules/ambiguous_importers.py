"""TPK407 ambiguous-importers."""

from collections.abc import Iterator
from pathlib import PurePath

import libcst as cst

from tpkg_analyzer.model.diagnostic import Diagnostic, Severity
from tpkg_analyzer.rule.calls import argument
from tpkg_analyzer.rule.constants import constant_string
from tpkg_analyzer.rule.context import FileContext, ModuleContext, Project
from tpkg_analyzer.rule.excerpts import excerpt
from tpkg_analyzer.rule.flow import Flow
from tpkg_analyzer.rule.loading import may_hold_packaged
from tpkg_analyzer.rule.origins import Kind, Origin
from tpkg_analyzer.rule.rule import Rule
from tpkg_analyzer.rule.scopes import BindingKind, Scope
from tpkg_analyzer.scan.closure import Closure
from tpkg_runtime.spec.actions import Action
from tpkg_runtime.wire.messages import Experiment

_EXPORTERS = frozenset({"torch.package.PackageExporter", "torch.package.package_exporter.PackageExporter"})
_ORDERED = frozenset({"torch.package.OrderedImporter", "torch.package.importer.OrderedImporter"})
_SHOWN = 3


class AmbiguousImporters(Rule):
    """Several importers that hold the same module are asked by name.

    ## What it does
    Reports a PackageExporter or OrderedImporter that is given more than one PackageImporter, where two of them are
    known to hold a module of the same name: they open the same file, or archives of packages of this project whose
    closures share an interned module.

    ## Why is this bad?
    The importers are asked for a module by its plain name, and the first that has it wins. Objects of the second
    package are exported with the code of the first: an object of version 2 behaves as version 1.

    ## Example
    ```toml
    [[tool.tpkg-lint.package]]
    name = "left"
    archive = "left.pt"
    modules = ["model"]
    actions = [{ intern = "model" }]

    [[tool.tpkg-lint.package]]
    name = "right"
    archive = "right.pt"
    modules = ["model"]
    actions = [{ intern = "model" }]
    ```
    ```python model.py
    ```
    ```python merge.py
    from torch.package import OrderedImporter, PackageImporter, sys_importer

    left = PackageImporter("left.pt")
    right = PackageImporter("right.pt")
    importer = OrderedImporter(left, right, sys_importer)
    ```

    ## Use instead
    ```toml
    [[tool.tpkg-lint.package]]
    name = "left"
    archive = "left.pt"
    modules = ["model"]
    actions = [{ intern = "model" }]

    [[tool.tpkg-lint.package]]
    name = "right"
    archive = "right.pt"
    modules = ["model"]
    actions = [{ intern = "model" }]
    ```
    ```python model.py
    ```
    ```python merge.py
    from torch.package import OrderedImporter, PackageImporter, sys_importer

    left = PackageImporter("left.pt")
    importer = OrderedImporter(left, sys_importer)
    ```

    ## How it is confirmed

    It is not: that needs two archives with different code, which only the code at hand knows.
    """

    code = "TPK407"
    name = "ambiguous-importers"
    severity = Severity.ERROR
    since = "0.1"

    def experiment(self, finding: Diagnostic, code: str) -> Experiment | str | None:
        """Say what would be needed."""
        return "it needs the archives that the code opens"

    def concerns(self, context: FileContext) -> bool:
        """Look only where an object of a package can be."""
        return super().concerns(context) and may_hold_packaged(context)

    def check_module(self, context: ModuleContext) -> Iterator[Diagnostic]:
        """Report each place that orders importers of which two hold the same module."""
        module = context.module
        flow = Flow(context.project)
        for call, scope in module.sites(cst.Call):
            named = module.qualified(call.func, scope)
            if named in _ORDERED and not any(item.star for item in call.args):
                given = [item.value for item in call.args if item.keyword is None]
            elif named in _EXPORTERS:
                ordered = argument(call, 1, "importer")
                given = _elements(ordered, scope) if ordered is not None else []
            else:
                continue
            importers = [(item, flow.origin(module, item, scope)) for item in given]
            known = [(item, found) for item, found in importers if found is not None and found.kind is Kind.IMPORTER]
            for index, (item, origin) in enumerate(known):
                shared = [name for _, other in known[:index] for name in _shared(context.project, other, origin)]
                if shared:
                    yield self._finding(context, item, shared)
                    break

    def _finding(self, context: ModuleContext, item: cst.BaseExpression, shared: list[str]) -> Diagnostic:
        listed = ", ".join(f"`{name}`" for name in shared[:_SHOWN])
        more = f" and {len(shared) - _SHOWN} more" if len(shared) > _SHOWN else ""
        shown = excerpt(context.module, item)
        return context.finding(
            self,
            context.module.span(item),
            f"`{shown}` and an importer before it both hold {listed}{more}: objects of `{shown}` are exported with the "
            "code of the other",
            symbol=shared[0],
            help="export the objects of each package with an exporter of its own",
        )


def _elements(node: cst.BaseExpression, scope: Scope) -> list[cst.BaseExpression]:
    """Return the importers of a display, of a sum of displays, or of a name that is bound to one."""
    match node:
        case cst.Tuple(elements=elements) | cst.List(elements=elements):
            return [item.value for item in elements]
        case cst.BinaryOperation(left=left, operator=cst.Add(), right=right):
            return [*_elements(left, scope), *_elements(right, scope)]
        case cst.Name(value=name):
            found = scope.lookup(name)
            if found is not None and len(found[1]) == 1 and found[1][0].kind is BindingKind.ASSIGNMENT:
                value = found[1][0].value
                if isinstance(value, (cst.Tuple, cst.List, cst.BinaryOperation)):
                    return _elements(value, found[0])
    return []


def _shared(project: Project, one: Origin, other: Origin) -> list[str]:
    """Return the modules that two importers are known to hold both."""
    if one.importer is None or other.importer is None or one.importer is other.importer:
        return []
    first, second = _opened(one), _opened(other)
    if first is None or second is None:
        return []
    closures = _closure_of(project, first), _closure_of(project, second)
    if closures[0] is None or closures[1] is None:
        return [PurePath(first).name] if first == second else []
    held = [set(closure.with_action(Action.INTERN)) for closure in closures if closure is not None]
    return sorted(held[0] & held[1])


def _opened(origin: Origin) -> str | None:
    """Return the path that an importer opens, where it is known."""
    if not isinstance(origin.importer, cst.Call):
        return None
    path = argument(origin.importer, 0, "file_or_buffer")
    return constant_string(origin.module, path, origin.module.index.top) if path is not None else None


def _closure_of(project: Project, path: str) -> Closure | None:
    """Return the closure of the one package that is exported to a file of this name."""
    named = [
        closure
        for closure in project.closures
        if closure.package.archive is not None and PurePath(closure.package.archive).name == PurePath(path).name
    ]
    return named[0] if len(named) == 1 and not named[0].package.is_open else None
