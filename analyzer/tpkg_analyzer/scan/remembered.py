"""Closures that were predicted before: remembered whole, with everything that they rest on.

A closure depends on what its package asks for, on the interpreter, on what is known from elsewhere, on this tool's own
code, and on the files and folders that were looked at. Where all of it is as it was, so is the closure, and no module
is acted out again.
"""

import os
from pathlib import Path

import msgspec

from tpkg_analyzer.model.package import ActionCall, Package, Root
from tpkg_analyzer.scan.closure import Closure, ClosureModule, DroppedImport, FailedRoot, build_closure
from tpkg_analyzer.scan.environment import StaticEnvironment
from tpkg_analyzer.scan.frames import with_room_for_frames
from tpkg_analyzer.sources.files import digest_of
from tpkg_analyzer.sources.own_code import own_code
from tpkg_analyzer.sources.packing import packed
from tpkg_analyzer.sources.trace import Evidence, holds
from tpkg_runtime.spec.actions import TORCH, Action, Semantics
from tpkg_runtime.spec.imports import EdgeKind, Import, Reference
from tpkg_runtime.spec.reasons import PackagingErrorReason
from tpkg_runtime.spec.source import Span

_PREFIX = "closure:"
# A closure of a handful of modules is predicted as fast as its evidence is checked.
_FEWEST_FILES = 20

_Origin = tuple[str, str | None, int, str, tuple[int, int, int, int], bool]
_Pointer = tuple[str, str | None, _Origin]
_Doubts = tuple[str | None, str | None]


class _Kept(msgspec.Struct, array_like=True):
    """A closure without its package, as it is stored."""

    tool: str
    evidence: Evidence
    modules: list[tuple[str, str | None, str | None, int | None, str | None, int, list[str], str | None, bool, _Doubts]]
    references: list[tuple[str, str, _Pointer]]
    dropped: list[tuple[str, str, _Pointer, str, str | None]]
    empty_patterns: tuple[int, ...]
    failed: tuple[int, str, str, str, str] | None


_DECODER = msgspec.msgpack.Decoder(_Kept)


@with_room_for_frames
def closure_of(package: Package, environment: StaticEnvironment, semantics: Semantics = TORCH) -> Closure:
    """Return what `build_closure` does, from the store where nothing has changed since an earlier run."""
    store = environment.store
    if store is None:
        return build_closure(package, environment, semantics)
    key = _key(package, environment, semantics)
    known = _found(store.get(key), package)
    if known is not None:
        environment.defer(lambda: build_closure(package, environment, semantics))
        return known
    with environment.reading_ahead(package):
        closure = build_closure(package, environment, semantics)
    evidence = environment.evidence()
    if sum(map(len, evidence.files.values())) >= _FEWEST_FILES:
        data = packed(_as_kept(closure, evidence))
        if data is not None:
            store.replace(key, data)
    return closure


def _key(package: Package, environment: StaticEnvironment, semantics: Semantics) -> str:
    """Return the key of a package: what it asks for, of whom. Where its calls are written does not matter."""
    steps = [
        (step.action.value, step.include, step.exclude, step.allow_empty)
        if isinstance(step, ActionCall)
        else (
            *(step.kind.value, step.module, step.cls, step.resource),
            *(step.globals, step.source, step.is_package, step.dependencies, step.raises),
        )
        for step in package.steps
    ]
    asked = repr((steps, str(package.script), package.imported, semantics)).encode("utf-8", "backslashreplace")
    return _PREFIX + digest_of(asked + environment.identity)


def _found(data: bytes | None, package: Package) -> Closure | None:
    """Return the closure that is kept, where it still holds."""
    if data is None:
        return None
    try:
        kept = _DECODER.decode(data)
        return _restored(kept, package) if kept.tool == own_code() and holds(kept.evidence) else None
    except (msgspec.MsgspecError, ValueError, KeyError, IndexError):
        return None  # damaged


def _as_kept(closure: Closure, evidence: Evidence) -> _Kept:
    failed = closure.failed
    return _Kept(
        tool=own_code(),
        evidence=evidence,
        modules=[
            (
                *(node.name, node.action and node.action.value, node.rule, node.pattern),
                *(os.fspath(node.path) if node.path is not None else None, node.bytes, list(node.depends_on)),
                *(node.error and node.error.name, node.is_pickle, (node.assumed, node.unstable)),
            )
            for node in closure.modules.values()
        ],
        references=[(by, target, _pointer(found)) for (by, target), found in closure.references.items()],
        dropped=[
            (item.module, item.by, _pointer(item.reference), item.reason, item.unstable) for item in closure.dropped
        ],
        empty_patterns=closure.empty_patterns,
        failed=(
            (closure.package.steps.index(failed.root), failed.module, failed.reason, failed.error, failed.lacking)
            if failed is not None
            else None
        ),
    )


def _restored(kept: _Kept, package: Package) -> Closure:
    modules = {
        name: ClosureModule(
            *(name, Action(action) if action is not None else None, rule, pattern),
            *(Path(path) if path is not None else None, size, tuple(depends_on)),
            *(PackagingErrorReason[error] if error is not None else None, is_pickle),
            assumed=assumed,
            unstable=unstable,
        )
        for name, action, rule, pattern, path, size, depends_on, error, is_pickle, (assumed, unstable) in kept.modules
    }
    references = {(by, target): _reference(pointer) for by, target, pointer in kept.references}
    dropped = tuple(
        DroppedImport(name, by, _reference(pointer), why, unstable) for name, by, pointer, why, unstable in kept.dropped
    )
    failed = None
    if kept.failed is not None:
        step, *told = kept.failed
        root = package.steps[step]
        if not isinstance(root, Root):
            raise ValueError
        failed = FailedRoot(root, *told)
    return Closure(package, modules, references, dropped, kept.empty_patterns, failed)


def _pointer(reference: Reference) -> _Pointer:
    origin = reference.origin
    span = (origin.span.line, origin.span.column, origin.span.end_line, origin.span.end_column)
    written = (origin.module, origin.name, origin.level, origin.kind.value, span, origin.is_star)
    return reference.module, reference.name, written


def _reference(pointer: _Pointer) -> Reference:
    module, name, (written, item, level, kind, span, is_star) = pointer
    return Reference(module, name, Import(written, item, level, EdgeKind(kind), Span(*span), is_star))
