"""TPK601 file-path."""

from collections.abc import Iterator

import libcst as cst

from tpkg_analyzer.model.diagnostic import Diagnostic, Severity
from tpkg_analyzer.rule.atimport import surroundings
from tpkg_analyzer.rule.beside import resource_fix
from tpkg_analyzer.rule.context import ModuleContext
from tpkg_analyzer.rule.index import children_of
from tpkg_analyzer.rule.module import AnalyzedModule
from tpkg_analyzer.rule.module_paths import NAMES, paths_of_modules
from tpkg_analyzer.rule.packaged import owner
from tpkg_analyzer.rule.rule import Rule
from tpkg_analyzer.rule.scopes import Scope, ScopeKind
from tpkg_runtime.wire.messages import ExperimentKind

_CALLS = {
    "inspect.getfile": "the file of a packaged class or function",
    "inspect.getsourcefile": "the source file of a packaged class or function",
    "inspect.getabsfile": "the file of a packaged class or function",
}


class FilePath(Rule):
    """A packaged module takes its own file for a place on disk.

    ## What it does
    Reports `__file__` and `__path__` of the module itself or of another one that the package holds,
    `__spec__.origin`, and `inspect.getfile` of what the package holds, in an interned module.

    ## Why is this bad?
    A module that comes from a package has no file: `__file__` is a name such as `<torch_package_0>.classifier.py` and
    `__path__` is empty. What is opened, listed or added to a search path by it is not there, or is the host's.

    ## Example
    ```toml
    [[tool.tpkg-lint.package]]
    name = "classifier"
    modules = ["classifier"]
    actions = [{ intern = "classifier" }]
    ```
    ```python classifier.py
    from pathlib import Path

    WORDS = Path(__file__).with_name("words.txt").read_text()
    ```

    ## Use instead
    ```toml
    [[tool.tpkg-lint.package]]
    name = "classifier"
    modules = ["classifier"]
    actions = [{ intern = "classifier" }, { intern = "data" }]
    ```
    ```python classifier.py
    from importlib.resources import files

    import data

    WORDS = files(data).joinpath("words.txt").read_text()
    ```
    ```python data.py
    ```

    ## Fix safety
    Unsafe, and offered where a named file beside a module of a package is read. The fix reads it by
    importlib.resources, which finds it in an archive only if the export saves it as a resource of that package.

    ## How it is confirmed

    The expression is evaluated in the host and with the names of the packaged module. The finding is confirmed if it
    raises in the package, or gives another place there.
    """

    code = "TPK601"
    name = "file-path"
    severity = Severity.ERROR
    since = "0.1"
    runs_inside = True
    confirmed_by = ExperimentKind.DIFFERS_INSIDE
    words = frozenset({*NAMES, "__spec__ origin", *(name.rpartition(".")[2] for name in _CALLS)})

    def check_module(self, context: ModuleContext) -> Iterator[Diagnostic]:
        """Report each use that is not only shown to people."""
        if not context.is_packaged:
            return
        module = context.module
        for node, scope in paths_of_modules(context):
            if isinstance(module.parent(node), (cst.AssignTarget, cst.Del)) or _is_harmless(module, node, scope):
                continue
            shown = module.tree.code_for_node(node)
            own_file = node if isinstance(node, cst.Name) and node.value == "__file__" else None
            yield context.finding(
                self,
                module.span(node),
                f"`{shown}` is no place on disk inside {owner(context)}: no file is found by it",
                symbol=shown,
                help="save the file as a resource of the package and read it by importlib.resources",
                fix=resource_fix(context, own_file, scope) if own_file is not None else None,
            )
        for call, scope in module.sites(cst.Call):
            what = _CALLS.get(module.qualified(call.func, scope) or "")
            if what is None or not call.args or not _is_packaged(context, call.args[0].value, scope):
                continue
            yield context.finding(
                self,
                module.span(call),
                f"{what} is no place on disk inside {owner(context)}: no file is found by it",
                symbol=module.qualified(call.func, scope) or "",
                help="save the file as a resource of the package and read it by importlib.resources",
            )


# To show a path does no harm; what lists modules is the business of plugin-discovery.
_SETTLED_ELSEWHERE = frozenset(
    {"builtins.print", "pkgutil.extend_path", "pkgutil.iter_modules", "pkgutil.walk_packages"}
)

_NAMING = frozenset({"getLogger", "get_logger", "getChild"})
"""What takes a name for a logger, of libraries too that wrap logging."""

_LEFT_OUT_OF_TRACES = frozenset({"suppress", "tracebacks_suppress"})
"""The arguments of rich that name the files whose lines a traceback does not show."""


def _is_harmless(module: AnalyzedModule, node: cst.CSTNode, scope: Scope) -> bool:
    """Tell whether a use only shows the path, or extends it as pkgutil asks."""
    for around in surroundings(module, node):
        match around:
            case cst.Call(func=function):
                name = module.qualified(function, scope) or ""
                if name in _SETTLED_ELSEWHERE or name.startswith(("logging.", "warnings.")):
                    return True
                if name.rpartition(".")[2] in _NAMING:
                    return True
            case cst.Raise() | cst.Assert():
                return True
            case cst.Arg(keyword=cst.Name(value=keyword)) if keyword in _LEFT_OUT_OF_TRACES:
                return True  # held against the files of frames
            case cst.FormattedString() if _is_shown(around, node):
                return not _starts_something(module, around, scope)
            case cst.Comparison(left=left, comparisons=[target]) if node in (left, target.comparator):
                return True  # what a frame says of its code is mangled like `__file__`
            case cst.Assign(value=value, targets=[cst.AssignTarget(target=cst.Name(value=name))]) if value is node:
                return _is_only_compared(scope, name)
    return False


def _is_shown(text: cst.FormattedString, node: cst.CSTNode) -> bool:
    """Tell whether a path stands by itself among the words of a text."""
    parts = list(text.parts)
    at = next(
        (
            index
            for index, part in enumerate(parts)
            if isinstance(part, cst.FormattedStringExpression) and part.expression is node
        ),
        None,
    )
    words = " ".join(part.value for part in parts if isinstance(part, cst.FormattedStringText)).split()
    after = parts[at + 1] if at is not None and at + 1 < len(parts) else None
    goes_on = isinstance(after, cst.FormattedStringText) and after.value[:1] in ("/", "\\", ".")
    return at is not None and len(words) > 1 and not goes_on


def _starts_something(module: AnalyzedModule, node: cst.CSTNode, scope: Scope) -> bool:
    """Tell whether a text is a command."""
    calls = (around for around in surroundings(module, node) if isinstance(around, cst.Call))
    return any((module.qualified(call.func, scope) or "").startswith(("os.", "subprocess.")) for call in calls)


def _is_only_compared(scope: Scope, name: str) -> bool:
    """Tell whether a function only holds a name of its own against others."""
    if scope.kind is not ScopeKind.FUNCTION or len(scope.bindings.get(name, ())) != 1:
        return False
    return all(_is_compared(scope.node, name))


def _is_compared(around: cst.CSTNode, name: str) -> Iterator[bool]:
    for child in children_of(around):
        if isinstance(child, cst.Name) and child.value == name:
            yield isinstance(around, (cst.Comparison, cst.ComparisonTarget, cst.AssignTarget))
        else:
            yield from _is_compared(child, name)


def _is_packaged(context: ModuleContext, value: cst.BaseExpression, scope: Scope) -> bool:
    """Tell whether an object is known to be of this package: `self`'s class, or of a module that it interns."""
    match value:
        case cst.Attribute(value=cst.Name(value="self"), attr=cst.Name(value="__class__")):
            return True
        case cst.Call(func=cst.Name(value="type"), args=[cst.Arg(value=cst.Name(value="self"))]):
            return True
    name = context.module.qualified(value, scope)
    if name is None:
        return False
    while name:
        if context.project.interning(name) or (not context.project.closures and name == context.name):
            return True
        name = name.rpartition(".")[0]
    return False
