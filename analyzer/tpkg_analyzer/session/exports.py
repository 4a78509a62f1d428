"""All packages of a project: those of the configuration, those of the code, and each of them once."""

import json
import os
from collections.abc import Collection, Iterable
from dataclasses import replace
from pathlib import Path

from tpkg_analyzer.config.errors import suggest
from tpkg_analyzer.config.load import Config
from tpkg_analyzer.model.diagnostic import Edit
from tpkg_analyzer.model.package import ActionCall, Astray, Package, Root
from tpkg_analyzer.scan.environment import StaticEnvironment
from tpkg_analyzer.scan.exports.find import Candidate, find_exports
from tpkg_analyzer.sources.files import Files, exact_text, is_file
from tpkg_runtime.spec.source import Span


def packages_of(
    config: Config, environment: StaticEnvironment, files: Files, candidates: Iterable[Candidate]
) -> tuple[Package, ...]:
    """Return the configured packages, each joined with the export in code that it is about, then the other exports."""
    listed = list(candidates)
    coded = find_exports(environment, listed, config.root)
    found, read = list(coded), {item.path for item in listed}
    packages: list[Package] = []
    for configured in config.packages:
        same = [item for item in found if is_same(configured, item, config.root)]
        # One function can make several exporters: their names tell them apart.
        twin = min(same, key=lambda item: item.name != configured.name, default=None)
        if twin is not None:
            found.remove(twin)
        known = configured if twin is None else joined(configured, twin)
        if twin is not None and _is_same_by_calls(configured, twin):
            known = replace(known, tie=_tie(configured, twin, coded, config.root, files))
        packages.append(replace(known, astray=_astray(configured, coded, config.root, files, read)))
    names = {package.name for package in packages}
    for item in found:
        number, name = 2, item.name
        while name in names:
            name, number = f"{item.name}-{number}", number + 1
        names.add(name)
        packages.append(replace(item, name=name))
    return tuple(packages)


def _astray(
    configured: Package, coded: Iterable[Package], root: Path, files: Files, read: Collection[Path]
) -> Astray | None:
    """Return what is wrong with the place of a configured package, if the files that were read tell it."""
    if configured.at is None or any(_is_at(configured, item, root) for item in coded):
        return None
    path = Path(os.path.normpath(root / configured.at.partition(":")[0]))
    is_there = is_file(files, str(path))
    if path not in read and is_there:
        return None
    places = sorted({item.at for item in coded if item.at is not None})
    if not places:
        missing = "nothing in this file makes an exporter" if is_there else "there is no such file"
        return Astray(configured.at_place, f"{missing}: name the place that does, or leave `at` out")
    instead = suggest(configured.at, places) or f"exporters are made at {', '.join(f'`{item}`' for item in places[:5])}"
    return Astray(configured.at_place, instead)


def _is_at(configured: Package, coded: Package, root: Path) -> bool:
    path, _, function = (configured.at or "").partition(":")
    here = coded.declared.path
    return here == Path(os.path.normpath(root / path)) and (not function or function in coded.reached_through)


def is_same(configured: Package, coded: Package, root: Path) -> bool:
    """Tell whether a configured package is the export at a place in code: by place, archive or calls."""
    if configured.at is not None and _is_at(configured, coded, root):
        return True
    if configured.archive is not None and coded.archive is not None:
        return configured.archive == coded.archive
    return _is_same_by_calls(configured, coded)


def _is_same_by_calls(configured: Package, coded: Package) -> bool:
    """Tell whether nothing but the same calls in the same order says that both are the same export.

    An output path from the command line is not known.
    """
    if configured.at is not None or (configured.archive is not None and coded.archive is not None):
        return False
    return bool(configured.actions) and _calls(configured) == _calls(coded)


def _tie(configured: Package, twin: Package, coded: Iterable[Package], root: Path, files: Files) -> Edit | None:
    """Return the edit that names the code of an export in its table; None where the place does not tell which it is."""
    path, header = configured.declared.path, configured.declared.span.line
    named = replace(configured, at=twin.at)
    if path is None or twin.at is None or [item for item in coded if _is_at(named, item, root)] != [twin]:
        return None
    lines = (exact_text(files, path) or "").splitlines()
    if not lines[header - 1 : header] or not lines[header - 1].lstrip().startswith("[["):
        return None
    return Edit(path, Span(header + 1, 1, header + 1, 1), f"at = {json.dumps(twin.at, ensure_ascii=False)}\n")


def _calls(package: Package) -> list[tuple[object, ...]]:
    return [(call.action, call.include, call.exclude) for call in package.actions]


def joined(configured: Package, coded: Package) -> Package:
    """Complete what is not known of an export in code by what is configured.

    What the code says for certain is kept: it is what will run.
    """
    actions, roots = configured.actions, configured.roots
    unknown = tuple(item for item in coded.unknown if not (roots if item.is_root else actions))
    doubtful_actions = any(not item.is_root for item in coded.unknown)
    doubtful_roots = any(item.is_root for item in coded.unknown)
    steps: tuple[ActionCall | Root, ...] = coded.steps
    if doubtful_actions and actions:
        steps = (*actions, *(step for step in steps if isinstance(step, Root)))
    if doubtful_roots and roots:
        parts = (step if isinstance(step, ActionCall) else step.certain for step in steps)
        steps = tuple(step for step in parts if step is not None)
        steps = (*steps, *_missing(roots, steps))
    elif not doubtful_roots:
        steps = (*steps, *_missing(roots, steps))
    return replace(
        coded,
        name=configured.name,
        steps=steps,
        archive=configured.archive or coded.archive,
        at=configured.at or coded.at,
        smoke=configured.smoke,
        configured=configured.declared,
        unknown=unknown,
    )


def _missing(roots: tuple[Root, ...], steps: tuple[ActionCall | Root, ...]) -> list[Root]:
    """Return the configured roots that the code does not save by itself."""
    saved = {(step.kind, step.module) for step in steps if isinstance(step, Root)}
    pickled = {pair for step in steps if isinstance(step, Root) and step.is_certain for pair in step.globals}
    return [root for root in roots if (root.kind, root.module) not in saved and (root.module, root.cls) not in pickled]
