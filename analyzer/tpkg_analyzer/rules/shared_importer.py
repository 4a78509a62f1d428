"""TPK703 shared-importer."""

from collections.abc import Iterator

import libcst as cst

from tpkg_analyzer.model.diagnostic import Diagnostic, Related, Severity
from tpkg_analyzer.rule.bindings import attribute_values
from tpkg_analyzer.rule.calls import argument
from tpkg_analyzer.rule.context import FileContext, ModuleContext
from tpkg_analyzer.rule.excerpts import excerpt
from tpkg_analyzer.rule.flow import Flow
from tpkg_analyzer.rule.loading import may_hold_packaged
from tpkg_analyzer.rule.module import AnalyzedModule
from tpkg_analyzer.rule.origins import Kind
from tpkg_analyzer.rule.rule import Rule
from tpkg_analyzer.rule.scopes import Binding, Scope

_POOLS = frozenset(
    {
        "concurrent.futures.ThreadPoolExecutor",
        "concurrent.futures.thread.ThreadPoolExecutor",
        "multiprocessing.pool.ThreadPool",
        "multiprocessing.dummy.Pool",
    }
)
_THREADS = frozenset({"threading.Thread", "threading.Timer"})
_RUNS = frozenset({"submit", "map", "imap", "imap_unordered", "apply_async", "starmap"})
_LOADS = frozenset({"load_pickle", "import_module"})

_WORDS = frozenset({"Thread", "ThreadPoolExecutor", "ThreadPool", "Timer", "to_thread", "dummy", "run_in_executor"})


class SharedImporter(Rule):
    """Several threads load with one importer.

    ## What it does
    Reports `load_pickle` and `import_module` of one PackageImporter in a function that a thread pool runs, that
    `asyncio.to_thread` or `run_in_executor` of a loop runs, or that several threads are started with, where the
    function does not make the importer itself and no `with` guards the call. The importer of
    `runtime = "tpkg"` is made for threads: no finding.

    ## Why is this bad?
    An importer keeps what it is just loading in itself, and has no lock: two threads get each other's tensors without
    a word, or see a module of which only the first half has run.

    ## Example
    ```python serve.py
    from concurrent.futures import ThreadPoolExecutor

    from torch.package import PackageImporter

    importer = PackageImporter("net.pt")


    def load(name):
        return importer.load_pickle("net", name)


    with ThreadPoolExecutor() as pool:
        nets = list(pool.map(load, ["a.pkl", "b.pkl"]))
    ```

    ## Use instead
    ```python serve.py
    from torch.package import PackageImporter

    importer = PackageImporter("net.pt")


    def load(name):
        return importer.load_pickle("net", name)


    nets = [load(name) for name in ["a.pkl", "b.pkl"]]
    ```

    ## How it is confirmed
    Nothing is tried: what threads do to each other depends on the moment.
    """

    code = "TPK703"
    name = "shared-importer"
    severity = Severity.WARNING
    since = "0.1"
    words = _WORDS

    def concerns(self, context: FileContext) -> bool:
        """Look only where an object of a package can be."""
        return super().concerns(context) and may_hold_packaged(context)

    def check_module(self, context: ModuleContext) -> Iterator[Diagnostic]:
        """Report each load that several threads make with one importer."""
        if context.project.runtime == "tpkg":
            return  # it locks imports and keeps loads apart
        module = context.module
        flow = Flow(context.project)
        seen: set[cst.CSTNode] = set()
        for started, function, scope in _run_in_threads(module):
            for load, inner in _loads(module, function, scope):
                owner = load.value if isinstance(load, cst.Attribute) else None
                origin = flow.origin(module, owner, inner) if owner is not None else None
                if origin is None or origin.kind is not Kind.IMPORTER or load in seen:
                    continue
                if origin.importer is None or _is_made_in(module, origin.importer, inner) or _is_guarded(module, load):
                    continue
                seen.add(load)
                shown = excerpt(module, load)
                yield context.finding(
                    self,
                    module.span(load),
                    f"`{shown}` is called by several threads with one importer, which is not made for that: tensors "
                    "and half-run modules are mixed up",
                    symbol=shown,
                    help="load before the threads start, guard the call by a lock, or give each thread an importer",
                    related=(Related(context.path, module.span(started), "the threads are started here"),),
                )


def _run_in_threads(module: AnalyzedModule) -> Iterator[tuple[cst.Call, cst.BaseExpression, Scope]]:
    """Yield the calls by which several threads run a function, with that function."""
    threads = []
    for call, scope in module.sites(cst.Call):
        named = module.qualified(call.func, scope)
        if named == "asyncio.to_thread" and call.args:
            yield call, call.args[0].value, scope
        elif _is_run_by_loop(module, call, scope):
            yield call, call.args[1].value, scope
        elif named in _THREADS and (target := argument(call, 1, "target")) is not None:
            threads.append((call, target, scope))
        elif _is_run_by_pool(module, call, scope):
            yield call, call.args[0].value, scope
    by_code: dict[str, int] = {}
    for _, target, _ in threads:
        code = module.tree.code_for_node(target)
        by_code[code] = by_code.get(code, 0) + 1
    for call, target, scope in threads:
        if by_code[module.tree.code_for_node(target)] > 1 or _is_repeated(module, call):
            yield call, target, scope


def _is_run_by_pool(module: AnalyzedModule, call: cst.Call, scope: Scope) -> bool:
    function = call.func
    if not call.args or not isinstance(function, cst.Attribute) or function.attr.value not in _RUNS:
        return False
    return _is_pool(module, function.value, scope)


def _is_run_by_loop(module: AnalyzedModule, call: cst.Call, scope: Scope) -> bool:
    """Tell whether a call is `loop.run_in_executor` with threads: those of the loop, or of a pool that is known."""
    function = call.func
    if not isinstance(function, cst.Attribute) or function.attr.value != "run_in_executor" or len(call.args) < 2:
        return False
    executor = call.args[0].value
    is_default = isinstance(executor, cst.Name) and executor.value == "None"
    return is_default or _is_pool(module, executor, scope)


def _is_pool(module: AnalyzedModule, node: cst.BaseExpression, scope: Scope) -> bool:
    """Tell whether an expression is a pool of several threads, whatever has been assigned to it."""
    match node:
        case cst.Call():
            count = argument(node, 0, "processes") or argument(node, 0, "max_workers")
            is_one = isinstance(count, cst.Integer) and count.value == "1"
            return module.qualified(node.func, scope) in _POOLS and not is_one
        case cst.Name(value=name):
            found = scope.lookup(name)
            values = [(item.value, found[0]) for item in found[1]] if found is not None else []
        case cst.Attribute(value=cst.Name(value="self"), attr=cst.Name(value=name)):
            cls = scope.enclosing_class
            values = [(value, inner) for value, inner in attribute_values(module, name) if inner.enclosing_class is cls]
        case _:
            return False
    return bool(values) and all(
        isinstance(value, cst.Call) and _is_pool(module, value, inner) for value, inner in values
    )


def _loads(module: AnalyzedModule, function: cst.BaseExpression, scope: Scope) -> Iterator[tuple[cst.Attribute, Scope]]:
    """Yield the loads of a function that threads run: itself, or those in its body."""
    if isinstance(function, cst.Attribute) and function.attr.value in _LOADS:
        yield function, scope
        return
    body: cst.CSTNode | None = function if isinstance(function, cst.Lambda) else None
    bindings = _bindings(function, scope)
    if len(bindings) == 1:
        body = bindings[0].node if isinstance(bindings[0].node, cst.FunctionDef) else None
    if body is None:
        return
    for call, inner in module.sites(cst.Call):
        is_inside = any(around.node is body for around in inner.outward())
        if is_inside and isinstance(call.func, cst.Attribute) and call.func.attr.value in _LOADS:
            yield call.func, inner


def _bindings(function: cst.BaseExpression, scope: Scope) -> list[Binding]:
    """Return what defines a function that is named, or a method of the class around."""
    match function:
        case cst.Name(value=name) if (found := scope.lookup(name)) is not None:
            return found[1]
        case cst.Attribute(value=cst.Name(value="self"), attr=cst.Name(value=name)):
            cls = scope.enclosing_class
            return cls.bindings.get(name, []) if cls is not None else []
        case _:
            return []


def _is_made_in(module: AnalyzedModule, importer: cst.CSTNode, scope: Scope) -> bool:
    """Tell whether the function makes the importer anew each time."""
    function = scope.function
    return function is not None and any(around is function.node for around in _above(module, importer))


def _is_guarded(module: AnalyzedModule, node: cst.CSTNode) -> bool:
    return any(isinstance(around, cst.With) for around in _above(module, node) if not _starts_pool(module, around))


def _starts_pool(module: AnalyzedModule, node: cst.CSTNode) -> bool:
    """Tell whether a with statement is that of the pool, which guards nothing."""
    return isinstance(node, cst.With) and any("Pool" in module.tree.code_for_node(item.item) for item in node.items)


def _is_repeated(module: AnalyzedModule, node: cst.CSTNode) -> bool:
    return any(
        isinstance(around, (cst.For, cst.While, cst.ListComp, cst.GeneratorExp, cst.SetComp, cst.DictComp))
        for around in _above(module, node)
    )


def _above(module: AnalyzedModule, node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    around = module.parent(node)
    while around is not None:
        yield around
        around = module.parent(around)
