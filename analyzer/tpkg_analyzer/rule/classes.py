"""Classes and functions of the project: where they are defined, through re-exports, and what they inherit."""

from collections.abc import Iterator
from typing import NamedTuple

import libcst as cst

from tpkg_analyzer.rule.context import Project
from tpkg_analyzer.rule.module import AnalyzedModule
from tpkg_analyzer.rule.scopes import Scope

_DEPTH = 8
_HOOKS = frozenset({"__subclasshook__", "__instancecheck__", "__subclasscheck__"})


class Definition(NamedTuple):
    """A class or function where it is defined, at the top level of a module."""

    module: AnalyzedModule
    node: cst.ClassDef | cst.FunctionDef

    @property
    def name(self) -> str:
        """The full dotted name."""
        return f"{self.module.name}.{self.node.name.value}"


def definition(project: Project, name: str | None, depth: int = _DEPTH) -> Definition | None:
    """Return what a dotted name refers to if it is one class or function at the top level of a module with source."""
    module_name, _, last = (name or "").rpartition(".")
    if not module_name or depth == 0 or module_name.partition(".")[0] in ("torch", *project.stdlib_names):
        return None
    if not project.is_first_party(module_name) and not project.interning(module_name):
        return None  # nobody's question, and not worth a parse
    module = project.module(module_name)
    if module is None:
        return None
    bindings = module.index.top.bindings.get(last, [])
    if len(bindings) != 1:
        return None
    node = bindings[0].node
    if isinstance(node, (cst.ClassDef, cst.FunctionDef)):
        return Definition(module, node)
    return definition(project, bindings[0].target, depth - 1)


def class_definition(project: Project, name: str | None) -> Definition | None:
    """Return the class that a dotted name refers to."""
    found = definition(project, name)
    return found if found is not None and isinstance(found.node, cst.ClassDef) else None


def base_names(module: AnalyzedModule, node: cst.ClassDef) -> Iterator[str]:
    """Yield the full names of the bases of a top-level class that have one."""
    for item in node.bases:
        value = item.value.value if isinstance(item.value, cst.Subscript) else item.value
        name = module.qualified(value, module.index.top)
        if name is not None:
            yield name


def ancestry(project: Project, found: Definition) -> tuple[list[Definition], set[str]]:
    """Return the class with those it inherits from that have source, and the full names of the other bases."""
    known = [found]
    foreign: set[str] = set()
    names = {found.name}
    for cls in known:
        if not isinstance(cls.node, cst.ClassDef):
            continue
        for name in base_names(cls.module, cls.node):
            base = class_definition(project, name)
            if base is None:
                foreign.add(name)
            elif base.name not in names:
                names.add(base.name)
                known.append(base)
    return known, foreign


def class_scope(found: Definition) -> Scope | None:
    """Return the scope of a class's body."""
    if not isinstance(found.node, cst.ClassDef):
        return None
    for _, scope in found.module.sites(type(found.node.body)):
        for around in scope.outward():
            if around.node is found.node:
                return around
    return None


def methods(found: Definition) -> Iterator[cst.FunctionDef]:
    """Yield the methods that a class defines itself."""
    for statement in found.node.body.body:
        if isinstance(statement, cst.FunctionDef):
            yield statement


def has_custom_check(project: Project, found: Definition) -> bool:
    """Tell whether isinstance asks the class's own word: a hook, a metaclass or a protocol."""
    known, foreign = ancestry(project, found)
    if foreign & {"typing.Protocol", "typing_extensions.Protocol"}:
        return True
    if any(scope is not None and _HOOKS & scope.bindings.keys() for scope in map(class_scope, known)):
        return True
    return any(
        isinstance(cls.node, cst.ClassDef)
        and any(word.keyword is not None and word.keyword.value == "metaclass" for word in cls.node.keywords)
        and not _is_plain_metaclass(cls)
        for cls in known
    )


def _is_plain_metaclass(found: Definition) -> bool:
    """ABCMeta and EnumMeta leave isinstance alone as long as nobody registers a class."""
    assert isinstance(found.node, cst.ClassDef)
    return all(
        found.module.qualified(word.value, found.module.index.top) in ("abc.ABCMeta", "enum.EnumMeta", "enum.EnumType")
        for word in found.node.keywords
        if word.keyword is not None and word.keyword.value == "metaclass"
    )
