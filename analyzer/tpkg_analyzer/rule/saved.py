"""The classes of the project whose objects its packages save."""

from collections.abc import Iterator

import libcst as cst

from tpkg_analyzer.model.package import Package, RootKind
from tpkg_analyzer.rule.classes import Definition, ancestry, class_definition, class_scope
from tpkg_analyzer.rule.context import Project


def saved_classes(package: Package, project: Project) -> Iterator[Definition]:
    """Yield the classes of the objects that a package saves, those they inherit from, and those of their attributes."""
    seen: set[str] = set()
    waiting = list(root_classes(package, project))
    while waiting:
        for found in ancestry(project, waiting.pop())[0]:
            if found.name not in seen:
                seen.add(found.name)
                yield found
                waiting += _attributes(project, found)


def root_classes(package: Package, project: Project) -> Iterator[Definition]:
    """Yield the classes of the saved objects themselves."""
    for root in package.roots:
        names = []
        if root.kind is RootKind.OBJECT and root.cls:
            names.append(f"{root.module}.{root.cls}")
        if root.kind is RootKind.PICKLE:
            names += [f"{module}.{name}" for module, name in root.globals]
        for name in names:
            if (found := class_definition(project, name)) is not None:
                yield found


def _attributes(project: Project, found: Definition) -> Iterator[Definition]:
    """Yield the classes that `self.x = C(...)` names in the constructor."""
    scope = class_scope(found)
    for node, inner in found.module.sites(cst.Assign):
        function = inner.function
        if inner.enclosing_class is not scope or function is None or not isinstance(function.node, cst.FunctionDef):
            continue
        if function.node.name.value != "__init__" or not isinstance(node.value, cst.Call):
            continue
        match node.targets[0].target:
            case cst.Attribute(value=cst.Name(value="self")):
                made = class_definition(project, found.module.qualified(node.value.func, inner))
                if made is not None:
                    yield made
