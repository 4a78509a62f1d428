"""What is certain of a package of which not everything is known."""

from collections.abc import Set as AbstractSet

from tpkg_analyzer.model.package import ActionCall, Root, RootKind
from tpkg_analyzer.scan.closure import Closure
from tpkg_runtime.spec.reasons import PackagingErrorReason


def certain_modules(closure: Closure) -> AbstractSet[str]:
    """Return the modules that are in a closure, with what the exporter does with them, whatever is not known.

    Objects that are not known can only bring more modules: what they are given depends on the actions alone. Where an
    action is not known, or comes after what is not known, or where any module may be saved by name, nothing is certain.
    """
    package = closure.package
    if not package.is_open:
        return closure.modules.keys()
    if package.hides_modules or any(not item.is_root for item in package.unknown):
        return frozenset()
    if any(isinstance(step, ActionCall) for step in package.steps[package.known_steps :]):
        return frozenset()
    found: set[str] = set()
    stack = [module for root in package.roots for module in _asked_by(root)]
    while stack:
        name = stack.pop()
        if name not in found and name in closure.modules:
            found.add(name)
            stack += closure.modules[name].depends_on
    return found


def certainly_broken(closure: Closure) -> dict[str, PackagingErrorReason]:
    """Return those of the modules that fail the export of which that is certain, with the reason."""
    certain = certain_modules(closure)
    return {name: reason for name, reason in closure.broken.items() if name in certain}


def _asked_by(root: Root) -> list[str]:
    """Return the modules that saving a root certainly asks for."""
    if root.kind is not RootKind.PICKLE:
        return [root.module] if root.is_certain else []
    pairs = root.globals if root.is_certain else root.certain_globals
    return [module for module, _ in pairs] if root.dependencies else []
