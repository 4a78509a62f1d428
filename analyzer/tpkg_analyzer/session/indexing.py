"""Environment facts: which modules of an environment are worth a real import, and remembering what these did."""

from collections.abc import Callable, Iterable, Sequence

from tpkg_analyzer.confirm.asking import EXPORTER, Group, ask
from tpkg_analyzer.scan.distributions import STANDARD, Distribution, distribution_of
from tpkg_analyzer.scan.seen import Outcome, SeenImports

_AT_ONCE = 200
"""The most modules that are asked about at once; progress is told between."""

Report = Callable[[Group, Sequence[Outcome]], None]


def groups_of(installed: Sequence[Distribution], *, is_whole: bool = False, wanted: Iterable[str] = ()) -> list[Group]:
    """Return what to import: of each distribution the top-level modules and what is compiled, all of it if asked.

    `wanted` are modules beside these.
    """
    asked: dict[str, list[str]] = {}
    for module in wanted:
        if (found := distribution_of(module, installed)) is not None:
            asked.setdefault(found.name, []).append(module)
    groups: list[Group] = []
    for item in installed:
        groups += _groups(item, (*(item.modules if is_whole else ()), *asked.get(item.name, ())))
    return groups


def groups_for(installed: Sequence[Distribution], wanted: Iterable[str]) -> list[Group]:
    """Return what to import to know of `wanted` alone: these modules, each after the top-level module above it."""
    listed = frozenset(wanted)
    found: list[Group] = []
    for group in groups_of(installed, wanted=sorted(listed)):
        then = tuple(module for module in group.then if module in listed)
        if then or group.first in listed:
            found.append(Group(group.owner, group.first, then))
    return found


def _groups(item: Distribution, besides: Iterable[str]) -> Iterable[Group]:
    inner = list(dict.fromkeys((*item.compiled, *besides)))
    if item.name == STANDARD:
        yield from (Group(item.name, module) for module in inner)
        return
    for top in item.tops:
        below = [module for module in inner if module.startswith(f"{top}.")]
        for start in range(0, max(len(below), 1), _AT_ONCE):
            yield Group(item.name, top, tuple(below[start : start + _AT_ONCE]))


def learn(
    seen: SeenImports,
    installed: Sequence[Distribution],
    executable: str,
    groups: Sequence[Group],
    limit: float,
    jobs: int,
    report: Report = lambda *_: None,
) -> None:
    """Import the groups' modules for real and remember what that did, distribution by distribution.

    What ends its process is an answer as well; of what takes longer than `limit` seconds nothing is remembered.
    """
    versions = {item.name: item.version for item in installed}

    def remember(group: Group, outcomes: Sequence[Outcome]) -> None:
        owner = group.owner
        if group.first == EXPORTER:
            exporter = distribution_of(EXPORTER, installed)
            owner = exporter.name if exporter is not None else ""
        if owner:
            seen.remember(owner, versions[owner], outcomes)
        report(group, outcomes)

    ask(executable, groups, limit, jobs, remember)
