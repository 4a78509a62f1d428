"""Answers to "why is this in my package?", for people and for programs."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tpkg_analyzer.model.package import Package
from tpkg_analyzer.render.paths import shown
from tpkg_analyzer.render.sizes import readable
from tpkg_analyzer.render.style import Style
from tpkg_analyzer.scan.absence import Absence
from tpkg_analyzer.scan.closure import Closure, ClosureModule
from tpkg_analyzer.scan.cost import Cost
from tpkg_analyzer.scan.why import Link
from tpkg_runtime.spec.imports import EdgeKind


@dataclass(frozen=True, slots=True)
class Answer:
    """What is said about one module and one package: `absence` where it is not in, else the rest.

    `is_cut` tells that there are more chains than `chains` has.
    """

    module: str
    closure: Closure
    absence: Absence | None = None
    chains: tuple[tuple[Link, ...], ...] = ()
    importers: tuple[Link, ...] = ()
    cost: Cost | None = None
    is_cut: bool = False


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a person wants to read besides the shortest chain."""

    importers: bool = False
    cost: bool = False


def render_answer(answer: Answer, wanted: Wanted, base: Path, style: Style) -> str:
    """Return the answer as text: the fate, the chains with their places, and a line about what hangs on the module."""
    rows = _absent(answer, base, style) if answer.absence else _present(answer, wanted, base, style)
    return "\n".join(rows) + "\n"


def render_answers_json(module: str, answers: Iterable[Answer], suggestion: str | None, base: Path) -> str:
    """Return `{"version": 1, "module", "packages": [...], "suggestion"}`."""
    document = {
        "version": 1,
        "module": module,
        "packages": [_as_json(answer, base) for answer in answers],
        "suggestion": suggestion,
    }
    return json.dumps(document, indent=2) + "\n"


def render_links(links: Iterable[Link], closure: Closure, base: Path, style: Style) -> Iterator[str]:
    """Yield a line for each import: both ends, its kind where it is not a plain one, and its place."""
    for link in links:
        path = closure.modules[link.importer].path
        where = style.cyan(f"  {shown(path, base)}:{link.line}") if link.line and path is not None else ""
        kind = "" if link.kind is EdgeKind.STATIC else style.dim(f" ({link.kind.value})")
        yield f"  {link.importer} -> {link.target}{kind}{where}"


def fate_of(module: ClosureModule, package: Package) -> str:
    """Return what happens to a module and which pattern says so."""
    if module.is_pickle:
        return "pickle"
    if module.action is None:
        return module.error.name if module.error is not None else "no action"
    action = module.action.value
    if module.rule == "pattern" and module.pattern is not None:
        action += f" by {pattern_of(module, package)}"
    action += {"root": ", saved by the package", "implicit": ", by itself"}.get(module.rule or "", "")
    return f"{action}, {module.error.name}" if module.error is not None else action


def pattern_of(module: ClosureModule, package: Package) -> str | None:
    """Return the patterns of the action that decided about the module, as they are written."""
    if module.pattern is None or module.pattern >= len(package.actions):
        return None
    call = package.actions[module.pattern]
    text = ", ".join(f'"{pattern}"' for pattern in call.include)
    return text + (f" except {', '.join(call.exclude)}" if call.exclude else "")


def _present(answer: Answer, wanted: Wanted, base: Path, style: Style) -> Iterator[str]:
    closure, module = answer.closure, answer.closure.modules[answer.module]
    paint = style.red if module.error is not None else style.green
    fate = paint(fate_of(module, closure.package))
    yield style.bold(answer.module) + f"  in package {closure.package.name}: {fate}"
    for number, chain in enumerate(answer.chains):
        if number:
            yield ""
        yield from render_links(chain, closure, base, style)
    if not any(answer.chains):
        yield "  saved by the package itself" if module.rule == "root" else "  nothing that is saved leads to it"
    if answer.is_cut:
        yield style.dim(f"  ... and more: these are the {len(answer.chains)} shortest, --limit shows more")
    if wanted.importers:
        yield f"imported by {_counted(len(answer.importers), 'module')}:"
        yield from render_links(answer.importers, closure, base, style)
    if answer.cost is not None:
        others = [name for name in answer.cost.modules if name != answer.module]
        yield _summary(answer, len(others), style)
        if wanted.cost:
            for name in others:
                size = closure.modules[name].bytes
                yield f"  {name}" + (style.dim(f"  {readable(size)}") if size else "")


def _summary(answer: Answer, n_others: int, style: Style) -> str:
    text = f"imported by {_counted(len(answer.importers), 'module')}"
    if answer.cost is not None and (n_others or answer.cost.bytes):
        size = f", {readable(answer.cost.bytes)} of source" if answer.cost.bytes else ""
        others = f" and {_counted(n_others, 'module')} that only it brings" if n_others else ""
        text += f"; without it the package loses it{others}{size}"
    return style.dim(text)


def _absent(answer: Answer, base: Path, style: Style) -> Iterator[str]:
    absence = answer.absence
    if absence is None:
        return
    kind = style.yellow(absence.kind.value.replace("-", " "))
    name = answer.closure.package.name
    yield style.bold(answer.module) + f"  not in package {name}: {kind}, {absence.reason}"
    for item in absence.dropped:
        yield from render_links([Link(item.by, item.module, item.reference)], answer.closure, base, style)
    for mention in absence.mentions:
        where = f"  {shown(Path(mention.path), base)}:{mention.line}" if mention.path else ""
        yield f"  {mention.module} -> {answer.module}" + style.cyan(where)


def _as_json(answer: Answer, base: Path) -> dict[str, Any]:
    closure = answer.closure
    if answer.absence is not None:
        absence = answer.absence
        return {
            "name": closure.package.name,
            "is_in": False,
            "kind": absence.kind.value,
            "reason": absence.reason,
            "dropped": [_link(Link(item.by, item.module, item.reference), closure, base) for item in absence.dropped],
            "mentions": [
                {"module": item.module, "path": shown(Path(item.path), base) if item.path else None, "line": item.line}
                for item in absence.mentions
            ],
        }
    module, cost = closure.modules[answer.module], answer.cost
    return {
        "name": closure.package.name,
        "is_in": True,
        "action": module.action.value if module.action else None,
        "rule": module.rule,
        "pattern": module.pattern,
        "error": module.error.name if module.error else None,
        "path": shown(module.path, base) if module.path else None,
        "chains": [[_link(link, closure, base) for link in chain] for chain in answer.chains],
        "is_cut": answer.is_cut,
        "importers": [_link(link, closure, base) for link in answer.importers],
        "cost": {"modules": list(cost.modules), "bytes": cost.bytes} if cost else None,
    }


def _link(link: Link, closure: Closure, base: Path) -> dict[str, Any]:
    path = closure.modules[link.importer].path
    return {
        "importer": link.importer,
        "target": link.target,
        "kind": link.kind.value,
        "path": shown(path, base) if path and link.line else None,
        "line": link.line or None,
    }


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
