"""Makes the fixes of findings, in passes until nothing changes. A function over texts: it reads and writes no file."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import libcst as cst

from tpkg_analyzer.analyze.edits import apply_edits, overlaps
from tpkg_analyzer.config.errors import ConfigError
from tpkg_analyzer.config.load import load_config
from tpkg_analyzer.model.diagnostic import Diagnostic, Edit, Fix

Texts = Mapping[Path, str]
_MOST_PASSES = 50


@dataclass(frozen=True, slots=True)
class Fixable:
    """What a pass works on: the findings of a state of the texts, and how to read a text."""

    find: Callable[[Texts], Iterable[Diagnostic]]
    """Gives the findings of the project with these texts in place of the files."""
    read: Callable[[Path], str | None]
    """Gives the text of a file as it is, None where it may not be changed."""


@dataclass(slots=True)
class Fixed:
    """The texts that changed, the findings whose fixes were made, and those whose fixes break a file."""

    texts: dict[Path, str] = field(default_factory=dict)
    applied: list[Diagnostic] = field(default_factory=list)
    refused: list[Diagnostic] = field(default_factory=list)


def fix_all(project: Fixable, *, unsafe: bool = False, only: Callable[[Diagnostic], bool] = lambda _: True) -> Fixed:
    """Make all fixes that do not get into each other's way, look again, and so on until there is none left.

    A fix after which a file does not parse is not made. A fix is made as a whole or not at all. One that waits is made
    where no other is left.
    """
    done = Fixed()
    for _ in range(_MOST_PASSES):
        refused = {_key(item) for item in done.refused}
        wanted = [
            (item, item.fix)
            for item in sorted(project.find(done.texts), key=_order)
            if item.fix is not None and (item.fix.is_safe or unsafe) and only(item) and _key(item) not in refused
        ]
        if not wanted:
            break
        _pass(project, [pair for pair in wanted if not pair[1].waits] or wanted, done)
    return done


def _pass(project: Fixable, wanted: list[tuple[Diagnostic, Fix]], done: Fixed) -> None:
    """Make the fixes that fit together; refuse those that break a file."""
    chosen = _compatible(wanted)
    texts = _edited(project, done.texts, [fix for _, fix in chosen])
    if texts is None:
        # One of them is to blame; the others are made by themselves, the first of those that parse alone in any case.
        good = []
        for finding, fix in chosen:
            alone = _edited(project, done.texts, [fix])
            if alone is None:
                done.refused.append(finding)
            else:
                good.append((finding, fix))
        texts = _edited(project, done.texts, [fix for _, fix in good])
        if texts is None:
            good = good[:1]
            texts = _edited(project, done.texts, [fix for _, fix in good])
        chosen = good
    done.texts.update(texts or {})
    done.applied += [finding for finding, _ in chosen]


def _compatible(wanted: list[tuple[Diagnostic, Fix]]) -> list[tuple[Diagnostic, Fix]]:
    """Return the fixes that can be made at once; one that several findings ask for is made once."""
    chosen: list[tuple[Diagnostic, Fix]] = []
    taken: dict[Path, list[Edit]] = {}
    made: set[tuple[Edit, ...]] = set()
    for finding, fix in wanted:
        if fix.edits in made:
            chosen.append((finding, Fix(fix.title, (), fix.is_safe)))
            continue
        if any(overlaps(edit, other) for edit in fix.edits for other in taken.get(edit.path, ())):
            continue
        for edit in fix.edits:
            taken.setdefault(edit.path, []).append(edit)
        made.add(fix.edits)
        chosen.append((finding, fix))
    return chosen


def _edited(project: Fixable, texts: Texts, fixes: list[Fix]) -> dict[Path, str] | None:
    """Return the changed texts, None if one of them cannot be read, written or parsed."""
    edits: dict[Path, list[Edit]] = {}
    for fix in fixes:
        for edit in fix.edits:
            edits.setdefault(edit.path, []).append(edit)
    changed = {}
    for path, own in edits.items():
        before = texts[path] if path in texts else project.read(path)
        if before is None:
            return None
        try:
            after = apply_edits(before, own)
        except ValueError:
            return None
        if after == before or not _parses(path, after):
            return None
        changed[path] = after
    return changed


def _parses(path: Path, text: str) -> bool:
    """Tell whether a file may have that text: valid Python, or a configuration that can be used."""
    try:
        if path.suffix == ".py":
            cst.parse_module(text)
        elif path.suffix == ".toml":
            load_config(path, text)
    except (cst.ParserSyntaxError, ConfigError):
        return False
    return True


def _order(finding: Diagnostic) -> tuple[Path, object, str]:
    return finding.path, finding.span, finding.code


def _key(finding: Diagnostic) -> tuple[str, Path, str, str]:
    """Return what a finding whose fix was refused is known by, although lines move."""
    return finding.code, finding.path, finding.symbol, finding.fix.title if finding.fix else ""
