"""Whether code may give an object that a package gave another attribute, or another class, than it came with."""

import libcst as cst

from tpkg_analyzer.rule.bindings import attribute_values
from tpkg_analyzer.rule.context import Project
from tpkg_analyzer.rule.module import AnalyzedModule


def may_get_attribute(project: Project, module: AnalyzedModule, name: str) -> bool:
    """Tell whether a module that handles an object, or one that it imports from, may set such an attribute."""
    is_set = any(True for _ in attribute_values(module, name))
    return is_set or _sets_by_text(module, name) or _is_given_elsewhere(project, module, name)


def may_get_class(project: Project, module: AnalyzedModule) -> bool:
    """Tell whether a module that handles an object, or one that it imports from, may give it another class."""
    is_set = any(True for _ in attribute_values(module, "__class__"))
    return is_set or _is_given_elsewhere(project, module, "__class__")


def _sets_by_text(module: AnalyzedModule, name: str) -> bool:
    """Tell whether attributes are set by names in texts: by `setattr`, or in the dictionary of an object."""
    for call, _ in module.sites(cst.Call):
        match call:
            case cst.Call(func=cst.Name(value="setattr"), args=[_, cst.Arg(value=cst.SimpleString() as text), *_]):
                if text.evaluated_value == name:
                    return True
            case cst.Call(func=cst.Name(value="setattr" | "vars"), args=[_, *_]):
                return True
    return any(node.attr.value == "__dict__" for node, _ in module.sites(cst.Attribute))


def _is_given_elsewhere(project: Project, module: AnalyzedModule, name: str) -> bool:
    own = project.state(module.name)
    imported = {target for _, target in own.imports} if own is not None else set()
    homes = imported | {target.rpartition(".")[0] for target in imported}
    states = (project.state(home) for home in homes if project.is_first_party(home))
    return any(state is not None and name in state.given_attributes for state in states)
