"""Whether a name in a packaged module stands for something that is meant to be in the package."""

from tpkg_analyzer.rule.context import FileContext, action_in
from tpkg_analyzer.rule.late import matches
from tpkg_runtime.spec.actions import Action


def is_meant_for_package(context: FileContext, target: str) -> bool:
    """Tell whether the module `target` is reached and not extern, or first-party and no pattern leaves it outside."""
    if is_left_to_host(context, target):
        return False
    actions = {action_in(closure, target) for closure in context.closures} - {None}
    if actions:
        return actions != {Action.EXTERN}
    # Nobody has asked the patterns for it yet.
    decided = {
        next((call.action for call in closure.package.actions if matches(call, target)), None)
        for closure in context.closures
    }
    if decided == {Action.EXTERN}:
        return False
    return context.project.is_first_party(target)


def is_left_to_host(context: FileContext, target: str) -> bool:
    """Tell whether `target` is torch or of the standard library, which no package holds."""
    top = target.partition(".")[0]
    return top in context.project.stdlib_names or top == "torch"


def owner(context: FileContext) -> str:
    """Return the package that a finding is about, in words."""
    return f"package `{context.package.name}`" if context.package else "a package"
