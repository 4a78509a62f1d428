"""Classes of the project that are importers of packages because they inherit from PackageImporter."""

import libcst as cst

from tpkg_analyzer.rule.bindings import IMPORTERS
from tpkg_analyzer.rule.classes import class_definition
from tpkg_analyzer.rule.context import Project
from tpkg_analyzer.rule.module import AnalyzedModule
from tpkg_analyzer.rule.origins import Kind, Origin
from tpkg_analyzer.rule.scopes import Scope

_GIVING = frozenset({"load_pickle", "import_module", "__new__", "__getattribute__"})
"""Methods that decide what comes from the package: a class with its own gives nobody knows what."""
_DEPTH = 8


def importer_made(
    project: Project, module: AnalyzedModule, call: cst.Call, home: AnalyzedModule, cls: cst.ClassDef, scope: Scope
) -> Origin | None:
    """Return the importer that a call of a class makes, which is defined in `scope` of `home`; None for other classes.

    Where the class has its own `__init__`, what the call is given need not be the archive.
    """
    own = _own_methods(project, home, cls, scope, _DEPTH)
    if own is None or not own.isdisjoint(_GIVING):
        return None
    return Origin(Kind.IMPORTER, module, call, None if "__init__" in own else call)


def _own_methods(
    project: Project, home: AnalyzedModule, cls: cst.ClassDef, scope: Scope, depth: int
) -> frozenset[str] | None:
    """Return the methods that a class and its bases put above those of PackageImporter; None for other classes."""
    if depth == 0 or len(cls.bases) != 1:
        return None  # another base could come first
    own = frozenset(item.name.value for item in cls.body.body if isinstance(item, cst.FunctionDef))
    name = home.qualified(cls.bases[0].value, scope)
    if name in IMPORTERS:
        return own
    above = class_definition(project, name)
    if above is None or not isinstance(above.node, cst.ClassDef):
        return None
    inherited = _own_methods(project, above.module, above.node, above.module.index.top, depth - 1)
    return own | inherited if inherited is not None else None
