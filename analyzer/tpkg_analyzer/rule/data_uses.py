"""Whether a loaded value is used as data is: evidence that it is no object of a class of its package."""

from collections.abc import Iterator

import libcst as cst

from tpkg_analyzer.rule.flow import Flow
from tpkg_analyzer.rule.module import AnalyzedModule
from tpkg_analyzer.rule.origins import Origin
from tpkg_analyzer.rule.scopes import Scope

_OF_DICTIONARIES = frozenset(name for name in dir(dict) if not name.startswith("_"))
_OF_TENSORS = frozenset({"detach", "dtype", "numpy", "shape", "tolist"})


def is_used_as_data(module: AnalyzedModule, flow: Flow, loaded: Origin) -> bool:
    """Tell whether what a load gave is used as containers and tensors are, in a module or in the one that loads it."""
    return any(
        (origin := flow.origin(home, value, scope)) is not None and origin.loads is loaded.loads
        for home in dict.fromkeys((module, loaded.module))
        for value, scope in _used_as_data(home)
    )


def _used_as_data(module: AnalyzedModule) -> Iterator[tuple[cst.BaseExpression, Scope]]:
    """Yield what is subscripted, iterated over, asked for what dictionaries and tensors have, loaded as a state."""
    for subscript, scope in module.sites(cst.Subscript):
        yield subscript.value, scope
    for loop, scope in module.sites(cst.For):
        yield loop.iter, scope
    for attribute, scope in module.sites(cst.Attribute):
        if attribute.attr.value in _OF_DICTIONARIES | _OF_TENSORS:
            yield attribute.value, scope
    for call, scope in module.sites(cst.Call):
        if isinstance(call.func, cst.Attribute) and call.func.attr.value == "load_state_dict" and call.args:
            yield call.args[0].value, scope
