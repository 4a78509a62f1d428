"""TPK114 root-not-importable."""

from collections.abc import Iterator

from tpkg_analyzer.config.errors import suggest
from tpkg_analyzer.model.diagnostic import Diagnostic, Severity
from tpkg_analyzer.rule.context import Project
from tpkg_analyzer.rule.rule import Rule
from tpkg_analyzer.rule.search_path import search_path_change
from tpkg_analyzer.scan.closure import Closure, FailedRoot

_HELP = "check the name, `src`, and whether `python` names the environment that is exported from"
_HELP_IF_LACKING = "name a class of the module, or the module alone"
_HELP_IF_TOO_DEEP = "export with `tpkg_runtime`, which does not recurse, or raise Python's limit before the export"


class RootNotImportable(Rule):
    """What a package saves cannot be imported.

    ## What it does
    Reports a module that is saved, or whose object is pickled, and that cannot be imported in the environment that is
    exported from, with the reason: it is not there, or an import at its top level fails. So is one from which imports
    lead on through more modules than the exporter can recurse into, some 490 one after the other. So is, at its place
    in the configuration, a class under `objects` that its module does not have; not where a star import of what is not
    known, a `__getattr__` or names that are made up at run time leave that open. What the importer of a package may
    have, which the exporter is given, is none. What is not found is only information where the code changes `sys.path`:
    the folders that it puts there belong into `src`.

    ## Why is this bad?
    `save_module` imports the module and raises what the import raises. Unlike the dependencies of a module, what is
    saved itself is not left out without a word. Nothing else is said about the package until this is settled.

    ## Example
    ```toml
    [[tool.tpkg-lint.package]]
    name = "classifier"
    modules = ["clasifier"]
    actions = [{ intern = "classifier.**" }]
    ```
    ```python classifier.py
    LIMIT = 3
    ```

    ## Use instead
    ```toml
    [[tool.tpkg-lint.package]]
    name = "classifier"
    modules = ["classifier"]
    actions = [{ intern = "classifier.**" }]
    ```
    ```python classifier.py
    LIMIT = 3
    ```

    ## How it is confirmed
    Nothing is tried: the environment that would be exported from is the one that was read.
    """

    code = "TPK114"
    name = "root-not-importable"
    severity = Severity.ERROR
    since = "0.1"

    def check_closure(self, closure: Closure, project: Project) -> Iterator[Diagnostic]:
        """Report the root at which the export would end."""
        failed = closure.failed
        if failed is None:
            return
        declared = closure.package.declared
        place = failed.root.place if failed.root.place.path is not None else declared
        if place.path is None:
            return
        package = closure.package.name
        what = f"is saved in package `{package}`"
        if failed.module != failed.root.module:
            what = f"is needed for what is saved in package `{package}`,"
        message = f"`{failed.module}` {what} and {failed.told}"
        if failed.lacking:
            message = f"`{failed.module}` {failed.told}, of which package `{package}` is to save an object"
        severity, told = self.severity, _help(failed, project)
        change = search_path_change(project, closure.package) if failed.is_missing else None
        if change is not None:
            severity, told = Severity.INFO, "if it is in a folder that the code puts on `sys.path`, name that in `src`"
            message += f", unless `sys.path` leads to it, which {change[0]} changes in line {change[1]}"
        yield Diagnostic(
            code=self.code,
            name=self.name,
            message=message,
            severity=severity,
            path=place.path,
            span=place.span,
            symbol=failed.module,
            package=package,
            help=told,
        )


def _help(failed: FailedRoot, project: Project) -> str:
    if failed.is_too_deep:
        return _HELP_IF_TOO_DEEP
    if failed.lacking:
        state = project.state(failed.module)
        names = state.names if state is not None else ()
        return suggest(failed.lacking, names) or _HELP_IF_LACKING
    return _module_of(failed.root.module) or _HELP


def _module_of(name: str) -> str | None:
    """Return what to write instead of the path of a file."""
    if "/" not in name and "\\" not in name and not name.endswith(".py"):
        return None
    module = name.removesuffix(".py").replace("\\", "/").strip("./").removesuffix("/__init__").replace("/", ".")
    return f"name the module and not its file: `{module}`"
