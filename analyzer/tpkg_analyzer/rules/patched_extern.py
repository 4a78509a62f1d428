"""TPK307 patched-extern."""

from collections.abc import Iterator

from tpkg_analyzer.model.diagnostic import Diagnostic, Severity
from tpkg_analyzer.rule.changes import own_state
from tpkg_analyzer.rule.context import FileContext, action_in
from tpkg_analyzer.rule.homes import home_of
from tpkg_analyzer.rule.packaged import is_left_to_host, owner
from tpkg_analyzer.rule.rule import Rule
from tpkg_analyzer.rule.state import Change
from tpkg_runtime.spec.actions import Action
from tpkg_runtime.wire.messages import Experiment, ExperimentKind

# Attributes that are there to be set: switches and streams, not behaviour.
_SETTINGS = ("torch.backends.", "sys.std", "sys.argv", "sys.path", "sys.dont_write_bytecode", "sys.ps")


_WHERE = ", if "
_SHOWN = 40


class PatchedExtern(Rule):
    """A packaged module assigns to an attribute of a module or class that stays outside of the package.

    ## What it does
    Reports assignments, in an interned module, to attributes of modules and classes that the package leaves to the
    host: torch, the standard library, and what it externs. Switches and limits of a module, such as
    `torch.backends.cudnn.benchmark = True`, and modules called `config` are there to be set and no finding.

    ## Why is this bad?
    The patch reaches the one copy that the host and all packages share. After the package is loaded, code that has
    nothing to do with it calls the package's function; each load puts one patch on top of the other.

    ## Example
    ```toml
    [[tool.tpkg-lint.package]]
    name = "classifier"
    modules = ["classifier"]
    actions = [{ intern = "classifier" }]
    ```
    ```python classifier.py
    import torch


    def quiet(self):
        return "Linear"


    torch.nn.Linear.__repr__ = quiet
    ```

    ## Use instead
    ```toml
    [[tool.tpkg-lint.package]]
    name = "classifier"
    modules = ["classifier"]
    actions = [{ intern = "classifier" }]
    ```
    ```python classifier.py
    import torch


    class Linear(torch.nn.Linear):
        def __repr__(self):
            return "Linear"
    ```

    ## How it is confirmed
    The module is imported from the package. The finding is confirmed if the host's attribute is the package's then.
    """

    code = "TPK307"
    name = "patched-extern"
    severity = Severity.ERROR
    since = "0.1"
    runs_inside = True
    confirmed_by = ExperimentKind.PATCHED

    def experiment(self, finding: Diagnostic, code: str) -> Experiment | str | None:
        """Try what happens at import; what a function does needs a call of it."""
        if ":" in finding.symbol:
            return f"it happens when {finding.symbol.partition(':')[0]} runs"
        if _WHERE in finding.message:
            return "a condition decides whether it happens"
        return super().experiment(finding, code)

    def check_file(self, context: FileContext) -> Iterator[Diagnostic]:
        """Report each attribute once: further assignments often put back what was there."""
        if not context.is_packaged:
            return
        seen: set[str] = set()
        for change in own_state(context).changes:
            if not change.is_rebinding or change.target in seen or not _is_outside(context, change):
                continue
            seen.add(change.target)
            when = f"when `{change.function}` runs in" if change.function else "at import from"
            where = f"{_WHERE}`{_shortened(change.condition)}`" if change.condition else ""
            yield context.finding(
                self,
                change.span,
                f"`{change.target}` of the host is replaced {when} {owner(context)}{where}",
                symbol=f"{change.function}:{change.target}" if change.function else change.target,
                help="wrap or subclass instead, or patch in a module that stays outside of the package",
            )


def _shortened(condition: str) -> str:
    return condition if len(condition) <= _SHOWN else f"{condition[: _SHOWN - 1]}…"


def _is_outside(context: FileContext, change: Change) -> bool:
    """Tell whether the owner of the attribute is a module or class that the package leaves to the host."""
    holder = change.target.rpartition(".")[0]
    if holder.startswith((f"{context.name}.", "builtins.")) or holder == context.name:
        return False
    if change.target.startswith(_SETTINGS) or holder.endswith(("config", "Config", "settings")):
        return False
    module, kind = _owner(context, holder)
    if module is None or kind is None or not _is_left(context, module):
        return False
    if kind == "module" and change.is_constant:
        return False  # a switch or a limit, which is there to be set
    # Another name for what the host has itself, as old versions had it, puts nothing of the package there.
    return change.value is None or not _is_left(context, change.value.rpartition(".")[0])


def _is_left(context: FileContext, module: str) -> bool:
    """Tell whether a module, or the one that a dotted name begins with, is the host's."""
    if is_left_to_host(context, module):
        return True
    while module:
        actions = {action_in(closure, module) for closure in context.closures} - {None}
        if actions:
            return actions == {Action.EXTERN}
        module = module.rpartition(".")[0]
    return False


def _owner(context: FileContext, holder: str) -> tuple[str | None, str | None]:
    """Return the module of the attribute's owner, and whether the owner is that module or a class of it."""
    project = context.project
    if project.facts(holder) is not None or holder in project.stdlib_names:
        return holder, "module"
    home = home_of(project.state, holder)
    if home is not None:
        return home[0].module, "class" if home[1] in home[0].classes else None
    module, _, name = holder.rpartition(".")
    known = bool(module) and (project.facts(module) is not None or module in project.stdlib_names)
    return (module, "class") if known and name[:1].isupper() and not name.isupper() else (None, None)
