"""TPK503 resource-collision."""

from collections.abc import Iterator

from tpkg_analyzer.model.diagnostic import Diagnostic, Fix, Severity
from tpkg_analyzer.model.package import Root, RootKind
from tpkg_analyzer.rule.context import Project
from tpkg_analyzer.rule.exporting import finding_at, is_plain_literal, quoted_like, replaced
from tpkg_analyzer.rule.rule import Rule
from tpkg_analyzer.scan.closure import Closure
from tpkg_runtime.spec.actions import Action
from tpkg_runtime.wire.messages import ExperimentKind


class ResourceCollision(Rule):
    """A resource is saved in a package whose name is that of a module.

    ## What it does
    Reports `save_pickle`, `save_text` and `save_binary` with a package name that is an interned plain module, or
    a module in the archive's extern list.

    ## Why is this bad?
    The export succeeds, and nothing can be loaded: the importer takes the name for a package and finds a module,
    or something outside.

    ## Example
    ```python export.py
    from torch.package import PackageExporter

    from model import Net

    with PackageExporter("net.pt") as exporter:
        exporter.intern("**")
        exporter.save_pickle("model", "net.pkl", Net())
    ```
    ```python model.py
    class Net:
        def __init__(self, size=3):
            self.size = size
    ```

    ## Use instead
    ```python export.py
    from torch.package import PackageExporter

    from model import Net

    with PackageExporter("net.pt") as exporter:
        exporter.intern("**")
        exporter.save_pickle("model_data", "net.pkl", Net())
    ```
    ```python model.py
    class Net:
        def __init__(self, size=3):
            self.size = size
    ```

    ## Fix safety
    Safe. The resource gets a name of its own; nothing could be loaded under the old one.

    ## How it is confirmed

    The package is exported and loaded, and the resource is read. The finding is confirmed if that raises.
    """

    code = "TPK503"
    name = "resource-collision"
    severity = Severity.ERROR
    since = "0.1"
    confirmed_by = ExperimentKind.RESOURCE_LOST

    def check_closure(self, closure: Closure, project: Project) -> Iterator[Diagnostic]:
        """Compare the names of resources with the modules of the closure."""
        package = closure.package
        if package.is_open:
            return
        for root in package.roots:
            if root.kind not in (RootKind.PICKLE, RootKind.RESOURCE) or root.resource_place is None:
                continue
            found = closure.modules.get(root.module)
            if found is None:
                continue
            is_plain = found.action is Action.INTERN and found.path is not None and found.path.stem != "__init__"
            if not is_plain and found.action is not Action.EXTERN:
                continue
            what = "an interned module" if is_plain else "a module in the extern list"
            yield finding_at(
                self,
                closure,
                root.package_place or root.place,
                f"`{root.module}` is {what} of package `{package.name}`: a resource of that name cannot be loaded",
                symbol=root.module,
                help=f'name it otherwise, for example "{root.module}_data"',
                fix=_renamed(project, closure, root),
            )


def _renamed(project: Project, closure: Closure, root: Root) -> Fix | None:
    """Change the name where it stands in the call itself; a constant may have other uses."""
    package, place, name = closure.package, root.package_place, f"{root.module}_data"
    if place is None or place.path != root.call.path or name in closure.modules:
        return None
    inner, outer = place.span, root.call.span
    if not outer.line <= inner.line <= outer.end_line or not is_plain_literal(project, package, place, root.module):
        return None
    return replaced(place, quoted_like(project, package, place, name), f'Save it in "{name}"')
