"""What is certain of a package of which not everything is known."""

from collections.abc import Set as AbstractSet
from dataclasses import replace

from tpkg_analyzer.model.package import ActionCall, Package, Root, RootKind
from tpkg_analyzer.scan.closure import Closure
from tpkg_runtime.spec.reasons import PackagingErrorReason


def certain_part(package: Package) -> Package | None:
    """Return a package without what is not known of it, None where nothing of it is certain.

    Objects that are not known can only bring more modules: what they are given depends on the actions alone. Where an
    action is not known, or comes after what is not known, or where any module may be saved by name, nothing is certain;
    nor where importers may have other modules than the host.
    """
    if not package.is_open:
        return package
    if package.asks_archives:
        return None
    if package.hides_modules or any(not item.is_root for item in package.unknown):
        return None
    if any(isinstance(step, ActionCall) for step in package.steps[package.known_steps :]):
        return None
    steps = (step if isinstance(step, ActionCall) else step.certain for step in package.steps)
    return replace(package, steps=tuple(step for step in steps if step is not None), unknown=())


def certain_modules(closure: Closure) -> AbstractSet[str]:
    """Return the modules that are in a closure, with what the exporter does with them, whatever is not known."""
    if not closure.package.is_open:
        return closure.modules.keys()
    part = certain_part(closure.package)
    found: set[str] = set()
    stack = [module for root in part.roots for module in _asked_by(root)] if part is not None else []
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
    """Return the modules that saving a root asks for."""
    if root.kind is not RootKind.PICKLE:
        return [root.module]
    return [module for module, _ in root.globals] if root.dependencies else []
