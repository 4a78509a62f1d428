"""Which calls pickle what they are given: pickle and what saves with it, executors, pools and spawned processes."""

from collections.abc import Iterator

import libcst as cst

from tpkg_analyzer.rule.calls import argument
from tpkg_analyzer.rule.constants import constant_string
from tpkg_analyzer.rule.module import AnalyzedModule
from tpkg_analyzer.rule.scopes import BindingKind, Scope

_FUNCTIONS: dict[str, tuple[tuple[int, str], ...]] = {
    "pickle.dump": ((0, "obj"),),
    "pickle.dumps": ((0, "obj"),),
    "torch.save": ((0, "obj"),),
    "torch.serialization.save": ((0, "obj"),),
    "joblib.dump": ((0, "value"),),
    "torch.multiprocessing.spawn": ((0, "fn"), (1, "args")),
    "torch.multiprocessing.spawn.spawn": ((0, "fn"), (1, "args")),
}
"""What pickles some of its arguments, with their places and names.

Not cloudpickle and dill: they take in the code of a class that they cannot import.
"""
_PICKLER = "pickle.Pickler"
_EXECUTORS = frozenset({"concurrent.futures.ProcessPoolExecutor", "concurrent.futures.process.ProcessPoolExecutor"})
_HOMES = ("multiprocessing", "torch.multiprocessing")
_POOLS = frozenset({f"{home}.{name}" for home in _HOMES for name in ("Pool", "pool.Pool")})
_CONTEXTS = frozenset(f"{home}.get_context" for home in _HOMES)
_APPLYING = frozenset({"apply", "apply_async"})
_MAPPING = frozenset({"map", "map_async", "imap", "imap_unordered", "starmap", "starmap_async"})
_STARTING = frozenset({"spawn", "forkserver"})
"""How processes are started that get what they are given in a pickle."""

WORDS = frozenset(
    {
        *(name.replace(".", " ") for name in _FUNCTIONS),
        *("pickle Pickler dump", "ProcessPoolExecutor submit", "ProcessPoolExecutor map", "get_context Process"),
        *(f"Pool {name}" for name in _APPLYING | _MAPPING),
    }
)


def pickled_by(module: AnalyzedModule, call: cst.Call, scope: Scope) -> Iterator[cst.BaseExpression]:
    """Yield the expressions whose values a call pickles."""
    places = _FUNCTIONS.get(module.qualified(call.func, scope) or "")
    if places is not None:
        yield from (value for place in places if (value := argument(call, *place)) is not None)
    elif isinstance(call.func, cst.Attribute):
        yield from _by_method(module, call, call.func.value, call.func.attr.value, scope)


def _by_method(
    module: AnalyzedModule, call: cst.Call, owner: cst.BaseExpression, method: str, scope: Scope
) -> Iterator[cst.BaseExpression]:
    made = _made_by(owner, scope)
    maker = module.qualified(made[0].func, made[1]) if made is not None else None
    if made is None:
        return
    if maker == _PICKLER and method == "dump":
        yield from (item.value for item in call.args[:1])
    elif maker in _EXECUTORS and method == "submit":
        yield from (item.value for item in call.args if not item.star)
    elif (maker in _EXECUTORS and method == "map") or (method in _MAPPING and _is_pool(module, made)):
        yield from _mapped(call)
    elif method in _APPLYING and _is_pool(module, made):
        places = (0, "func"), (1, "args"), (2, "kwds")
        yield from (value for place in places if (value := argument(call, *place)) is not None)
    elif maker in _CONTEXTS and method == "Process":
        how = argument(made[0], 0, "method")
        if how is not None and constant_string(module, how, made[1]) in _STARTING:
            places = (1, "target"), (3, "args"), (4, "kwargs")
            yield from (value for place in places if (value := argument(call, *place)) is not None)


def _mapped(call: cst.Call) -> Iterator[cst.BaseExpression]:
    """Yield the function, and what is iterated over where that is written out: its items go one by one."""
    for index, item in enumerate(call.args):
        is_written = isinstance(item.value, (cst.List, cst.Tuple))
        if not item.star and item.keyword is None and (index == 0 or is_written):
            yield item.value


def _is_pool(module: AnalyzedModule, made: tuple[cst.Call, Scope]) -> bool:
    call, scope = made
    if module.qualified(call.func, scope) in _POOLS:
        return True
    if not isinstance(call.func, cst.Attribute) or call.func.attr.value != "Pool":
        return False
    context = _made_by(call.func.value, scope)
    return context is not None and module.qualified(context[0].func, context[1]) in _CONTEXTS


def _made_by(value: cst.BaseExpression, scope: Scope) -> tuple[cst.Call, Scope] | None:
    """Return the call that makes a value, with its scope: written there, or what its name is bound to, once."""
    if isinstance(value, cst.Call):
        return value, scope
    found = scope.lookup(value.value) if isinstance(value, cst.Name) else None
    if found is None or len(found[1]) != 1 or found[1][0].kind is BindingKind.PARAMETER:
        return None
    made = found[1][0].value
    return (made, found[0]) if isinstance(made, cst.Call) else None
