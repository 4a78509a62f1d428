"""Markdown for hovers."""

from collections.abc import Iterable
from pathlib import Path

from tpkg_analyzer.model.package import ActionCall
from tpkg_analyzer.scan.closure import Closure
from tpkg_server.fates import Fate, shown, taken_by
from tpkg_server.worker.questions import RuleCard

_MOST_NAMES = 20
_MOST_LINKS = 12


def of_fates(fates: Iterable[Fate], root: Path) -> str:
    """Return what happens to a module in each export."""
    return "\n\n---\n\n".join(_of_fate(fate, root) for fate in fates)


def of_call(call: ActionCall, closure: Closure) -> str:
    """Return what the patterns of a call took."""
    taken = taken_by(closure, call)
    head = f"`{shown(call)}` takes {_modules(len(taken))} of package `{closure.package.name}`"
    rows = [f"- `{name}`" for name in taken[:_MOST_NAMES]]
    if len(taken) > _MOST_NAMES:
        rows.append(f"- and {len(taken) - _MOST_NAMES} more")
    return "\n".join([head, "", *rows])


def of_rule(rule: RuleCard) -> str:
    """Return what a rule means."""
    document = rule.document.partition("\n## Example")[0]
    return f"**{rule.code}** {rule.name} ({rule.severity})\n\n{document}"


def of_size(count: int) -> str:
    """Return a number of bytes as people write it."""
    if count < 1000:
        return f"{count} B"
    return f"{count / 1000:.1f} kB" if count < 1_000_000 else f"{count / 1_000_000:.1f} MB"


def _of_fate(fate: Fate, root: Path) -> str:
    rows = [f"`{fate.module}` in package `{fate.closure.package.name}`: **{fate.word}**, {fate.because}"]
    call = fate.call
    if call is not None and call.place.path is not None:
        rows.append(f"declared at {_place(call.place.path, call.place.span.line, root)}")
    if fate.word == "intern" and fate.node is not None:
        count, size = fate.brings()
        own = of_size(fate.node.bytes)
        rows.append(f"{own}" + (f"; with what it imports {_modules(count)}, {of_size(size)}" if count > 1 else ""))
    chain = fate.chain
    if chain:
        rows.append("comes in by\n" + "\n".join(_links(fate, root)))
    return "\n\n".join(rows)


def _links(fate: Fate, root: Path) -> Iterable[str]:
    chain = fate.chain
    for link in chain[:_MOST_LINKS]:
        path = fate.closure.modules[link.importer].path
        where = ""
        if link.reference is not None and path is not None:
            where = f" ({_place(path, link.reference.origin.span.line, root)})"
        yield f"- `{link.importer}` → `{link.target}`{where}"
    if len(chain) > _MOST_LINKS:
        yield f"- and {len(chain) - _MOST_LINKS} more"


def _place(path: Path, line: int, root: Path) -> str:
    name = path.relative_to(root).as_posix() if path.is_relative_to(root) else path.as_posix()
    return f"[{name}:{line}]({path.as_uri()}#L{line})"


def _modules(count: int) -> str:
    return "1 module" if count == 1 else f"{count} modules"
