"""Annotations of classes that are strings, and what evaluating them looks up."""

import ast
import builtins
from collections.abc import Iterator
from typing import NamedTuple

import libcst as cst

from tpkg_analyzer.rule.classes import Definition, ancestry, class_scope
from tpkg_analyzer.rule.context import Project
from tpkg_analyzer.rule.module import AnalyzedModule
from tpkg_analyzer.rule.scopes import Scope

_TYPING = frozenset({"typing", "typing_extensions"})


class UnknownString(NamedTuple):
    """A name in an annotation that only the module of a class knows."""

    name: str
    cls: Definition
    annotation: cst.CSTNode


def unknown_string(project: Project, found: Definition, *, is_deep: bool) -> UnknownString | None:
    """Return the first name in the string annotations of a class that is no builtin and not of the class itself.

    Where `is_deep`, as for `get_type_hints`, also in the strings within annotations and in the classes of packages that
    it inherits from.
    """
    for cls in ancestry(project, found)[0] if is_deep else [found]:
        if cls is not found and not project.interning(cls.module.name):
            continue
        body = class_scope(cls)
        for node, scope in cls.module.sites(cst.AnnAssign):
            if body is None or scope.node is not cls.node:
                continue
            annotation = node.annotation.annotation
            for text in _texts(cls.module, annotation, scope, is_deep):
                for name in _names_in(text):
                    if name not in body.bindings and not hasattr(builtins, name):
                        return UnknownString(name, cls, annotation)
    return None


def _texts(module: AnalyzedModule, annotation: cst.BaseExpression, scope: Scope, is_deep: bool) -> Iterator[str]:
    if _postpones_annotations(module):
        yield module.tree.code_for_node(annotation)
        return
    for value in _strings(module, annotation, scope) if is_deep else [annotation]:
        text = value.evaluated_value if isinstance(value, (cst.SimpleString, cst.ConcatenatedString)) else None
        if isinstance(text, str):
            yield text


def _strings(module: AnalyzedModule, node: cst.BaseExpression, scope: Scope) -> Iterator[cst.BaseExpression]:
    """Yield the strings of an annotation that `get_type_hints` takes for code in every version of Python."""
    match node:
        case cst.SimpleString() | cst.ConcatenatedString():
            yield node
        case cst.Subscript(value=head, slice=elements):
            home, _, name = (module.qualified(head, scope) or "").rpartition(".")
            if home not in _TYPING or name == "Literal":
                return
            for element in elements[:1] if name == "Annotated" else elements:
                if isinstance(element.slice, cst.Index):
                    yield from _strings(module, element.slice.value, scope)
        case cst.List(elements=items):
            for item in items:
                yield from _strings(module, item.value, scope)
        case cst.BinaryOperation(left=left, operator=cst.BitOr(), right=right):
            yield from _strings(module, left, scope)
            yield from _strings(module, right, scope)


def _postpones_annotations(module: AnalyzedModule) -> bool:
    return any(
        isinstance(node.module, cst.Name)
        and node.module.value == "__future__"
        and not isinstance(node.names, cst.ImportStar)
        and any(alias.name.value == "annotations" for alias in node.names)
        for node, _ in module.sites(cst.ImportFrom)
    )


def _names_in(text: str) -> list[str]:
    try:
        tree = ast.parse(text.strip(), mode="eval")
    except SyntaxError:
        return []
    return [node.id for node in ast.walk(tree) if isinstance(node, ast.Name)]
