"""TPK501 main-object."""

from collections.abc import Iterator

from tpkg_analyzer.model.diagnostic import Diagnostic, Severity
from tpkg_analyzer.model.package import RootKind
from tpkg_analyzer.rule.context import Project, action_in
from tpkg_analyzer.rule.exporting import finding_at
from tpkg_analyzer.rule.rule import Rule
from tpkg_analyzer.scan.closure import MAIN, Closure
from tpkg_runtime.spec.actions import Action
from tpkg_runtime.wire.messages import ExperimentKind


class MainObject(Rule):
    """The saved object is of a class that the script itself defines.

    ## What it does
    Reports an object given to `save_pickle` if it, or something in it, is of a class or function of the file that
    is run.

    ## Why is this bad?
    Its module is `__main__`. Under an intern pattern the whole script goes into the package and runs again where
    it is loaded; in a notebook or with `-c` there is no source and the export fails. Under an extern pattern nothing
    of the script goes in: the class is looked for in whatever script loads the package, with AttributeError where that
    does not define it as well. Silent where the code saves a source of its own as `__main__`.

    ## Example
    ```python export.py
    from torch.package import PackageExporter


    class Net:
        pass


    if __name__ == "__main__":
        with PackageExporter("net.pt") as exporter:
            exporter.intern("**")
            exporter.save_pickle("net", "net.pkl", Net())
    ```

    ## Use instead
    ```python export.py
    from torch.package import PackageExporter

    from model import Net

    with PackageExporter("net.pt") as exporter:
        exporter.intern("**")
        exporter.save_pickle("net", "net.pkl", Net())
    ```
    ```python model.py
    class Net:
        def __init__(self, size=3):
            self.size = size
    ```

    ## How it is confirmed

    The package is exported, with the script as `__main__` and an empty class in place of its own, since the script
    must not run. The finding is confirmed if the export names `__main__` as broken, or takes it in. Where it is extern,
    such a class is saved, and loaded where another script runs; the finding is confirmed if that fails.
    """

    code = "TPK501"
    name = "main-object"
    severity = Severity.ERROR
    since = "0.1"
    confirmed_by = ExperimentKind.MAIN_OBJECT

    def check_closure(self, closure: Closure, project: Project) -> Iterator[Diagnostic]:
        """Look for `__main__` among what the pickles refer to."""
        roots = closure.package.roots
        if any(root.kind is RootKind.SOURCE and root.module == MAIN for root in roots):
            return  # the code gives that module a source of its own
        for root in roots:
            names = [name for module, name in root.globals if module == MAIN]
            if names:
                yield finding_at(
                    self,
                    closure,
                    root.place,
                    f"`{names[0]}` is defined in the script that is run: {_consequence(closure)}",
                    symbol=names[0],
                    help="move it to a module of its own and import it",
                )


def _consequence(closure: Closure) -> str:
    """Return what becomes of what is defined in `__main__`, by the action for that."""
    package = f"package `{closure.package.name}`"
    if action_in(closure, MAIN) is Action.EXTERN:
        return f"{package} takes it from `__main__` of the process that loads it, and fails where that has none"
    if MAIN in closure.broken:
        return f"the export of {package} fails, which does not take `__main__`"
    return f"{package} would hold it as `__main__`, with the whole script"
