"""What pickle refuses, as far as an expression shows it. Tried with torch.package under torch 2.13."""

import libcst as cst

from tpkg_analyzer.rule.context import Project
from tpkg_analyzer.rule.module import AnalyzedModule
from tpkg_analyzer.rule.scopes import BindingKind, Scope, ScopeKind

_LOCKS = ("Lock", "RLock", "Condition", "Event", "Semaphore", "BoundedSemaphore", "Barrier")
_SHARED = (*_LOCKS, "Queue", "SimpleQueue", "JoinableQueue", "Value", "Array")
_HASHES = ("new", "md5", "sha1", "sha224", "sha256", "sha384", "sha512", "blake2b", "blake2s")
_MADE_BY = {
    "builtins.open": "an open file",
    "io.open": "an open file",
    "tempfile.TemporaryFile": "an open file",
    "tempfile.NamedTemporaryFile": "an open file",
    "socket.socket": "a socket",
    "sqlite3.connect": "a connection to a database",
    "builtins.memoryview": "a memoryview",
    "contextvars.ContextVar": "a context variable",
    "threading.local": "a thread's local storage",
    "concurrent.futures.ThreadPoolExecutor": "an executor",
    "concurrent.futures.ProcessPoolExecutor": "an executor",
    "threading.Thread": "a thread",
    "threading.Timer": "a thread",
    "weakref.ref": "a weak reference",
    "types.MappingProxyType": "a view of a dictionary",
    "subprocess.Popen": "a process",
    "ssl.create_default_context": "an SSL context",
    "ssl.SSLContext": "an SSL context",
    "logging.StreamHandler": "a logging handler, which holds a lock",
    "logging.FileHandler": "a logging handler, which holds a lock",
    "struct.Struct": "a compiled format",
    "zlib.compressobj": "a compressor",
    "zlib.decompressobj": "a compressor",
    "mmap.mmap": "a memory map",
    **{f"weakref.{name}": "a table of weak references" for name in ("WeakKeyDictionary", "WeakValueDictionary")},
    "weakref.WeakSet": "a table of weak references",
    **{f"hashlib.{name}": "a hash that is worked out" for name in _HASHES},
    **{f"threading.{name}": "a lock or holds one" for name in _LOCKS},
    **{
        f"{home}.{name}": "shared between processes"
        for home in ("multiprocessing", "torch.multiprocessing")
        for name in _SHARED
    },
    **{
        f"queue.{name}": "a queue, which holds locks" for name in ("Queue", "LifoQueue", "PriorityQueue", "SimpleQueue")
    },
}

_HOLDING_FUNCTIONS = frozenset({"functools.partial", "collections.defaultdict"})
"""What is pickled with its first argument."""


def why_unpicklable(project: Project, module: AnalyzedModule, value: cst.BaseExpression, scope: Scope) -> str | None:
    """Say what a value is that cannot be pickled, None where it may well be."""
    match value:
        case cst.Lambda():
            return "a lambda"
        case cst.GeneratorExp():
            return "a generator"
        case cst.Call(func=function):
            qualified = module.qualified(function, scope) or ""
            if qualified in _HOLDING_FUNCTIONS and value.args and not value.args[0].star:
                return why_unpicklable(project, module, value.args[0].value, scope)
            local = _local(function, scope)
            if local is not None and isinstance(local, cst.ClassDef):
                return "an object of a local class"
            return _MADE_BY.get(qualified)
        case cst.Name():
            return _named(module, value, scope)
        case cst.Attribute():
            qualified = module.qualified(value, scope) or ""
            if qualified.startswith("torch.ops."):
                return "a handle of `torch.ops`"
            # Without a source of that name it is an attribute, most likely.
            is_module = qualified.startswith("torch.") and project.facts(qualified) is not None
            return "a module" if is_module else None
        case _:
            return None


def _named(module: AnalyzedModule, value: cst.Name, scope: Scope) -> str | None:
    found = scope.lookup(value.value)
    if found is None or len(found[1]) != 1:
        return None
    owner, (binding,) = found
    if binding.kind is BindingKind.IMPORT:
        if (binding.target or "").startswith("torch.ops."):
            return "a handle of `torch.ops`"
        return "a module" if isinstance(module.parent(binding.node), cst.Import) else None
    if _local(value, scope) is not None:
        return "a local function or class"
    if owner.kind is ScopeKind.MODULE and isinstance(binding.value, cst.Lambda):
        return "a lambda"
    return None


def _local(node: cst.CSTNode, scope: Scope) -> cst.CSTNode | None:
    """Return the function or class that a name stands for, if it is defined inside of a function."""
    found = scope.lookup(node.value) if isinstance(node, cst.Name) else None
    if found is None or len(found[1]) != 1 or found[0].kind is not ScopeKind.FUNCTION:
        return None
    node = found[1][0].node
    return node if isinstance(node, (cst.FunctionDef, cst.ClassDef)) else None
