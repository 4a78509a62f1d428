"""Findings at the calls of an exporter, and edits of these calls in the style that is there."""

from pathlib import Path

from tpkg_analyzer.model.diagnostic import Diagnostic, Edit, Fix, Related, Severity
from tpkg_analyzer.model.package import ActionCall, Incident, Package, Place
from tpkg_analyzer.rule.context import Identified, Project
from tpkg_analyzer.scan.closure import Closure
from tpkg_runtime.spec.globs import GlobGroup
from tpkg_runtime.spec.source import START, Span, split_lines


def finding_at(
    rule: Identified,
    closure: Closure,
    place: Place,
    message: str,
    *,
    symbol: str,
    help: str | None = None,  # noqa: A002 - the field's name in every output format
    fix: Fix | None = None,
    related: tuple[Related, ...] = (),
    severity: Severity | None = None,
    archive: Path | None = None,
) -> Diagnostic:
    """Return a finding about an argument of the export; where it has no place of its own, about the package."""
    package = closure.package
    known = place if place.path is not None else package.declared
    return Diagnostic(
        code=rule.code,
        name=rule.name,
        message=message,
        severity=severity or rule.severity,
        path=known.path or Path(),
        span=known.span,
        symbol=symbol,
        module=package.module,
        package=package.name,
        help=help,
        related=related,
        fix=fix,
        archive=archive,
    )


def mended(incident: Incident, title: str) -> Fix | None:
    """Return the fix that the interpreter of the export has for what is wrong with a call."""
    return Fix(title, incident.edits, is_safe=True) if incident.edits else None


def deciding_pattern(call: ActionCall, module: str) -> int:
    """Return which pattern of a call matches `module`."""
    return next((index for index, text in enumerate(call.include) if GlobGroup(text).matches(module)), 0)


def source_lines(project: Project, package: Package, place: Place) -> list[str]:
    """Return the lines of the file that makes the export, if `place` is in it."""
    module = project.module(package.module) if package.module else None
    if module is None or place.path != module.path:
        return []
    return split_lines(module.source)


def without_pattern(project: Project, package: Package, call: ActionCall, index: int) -> Fix | None:
    """Take one pattern out of its list, or the call away if it has no other."""
    place = call.place_of(index)
    lines = source_lines(project, package, place)
    if not lines or not call.is_certain or _serves_others(project, package, call, place):
        return None
    title = f'Remove {call.action.value} "{call.include[index]}"'
    if len(call.include) == 1 and call.receiver:
        return Fix(title, (_without_statement(lines, call.place),), is_safe=True)
    if call.listed is None or len(call.include) == 1 or place.path is None or place.span.line != place.span.end_line:
        return None
    return Fix(title, (Edit(place.path, _with_comma(lines, place.span), ""),), is_safe=True)


def is_written_out(call: ActionCall) -> bool:
    """Tell whether the patterns of a call stand in the call itself; others are somebody's to choose."""
    places = [*call.places, *([call.listed] if call.listed is not None else [])]
    return bool(places) and all(_is_within(place, call.place) for place in places)


def _is_within(inner: Place, outer: Place) -> bool:
    begins = (inner.span.line, inner.span.column) >= (outer.span.line, outer.span.column)
    ends = (inner.span.end_line, inner.span.end_column) <= (outer.span.end_line, outer.span.end_column)
    return inner.path == outer.path and begins and ends


def without_call(project: Project, package: Package, call: ActionCall) -> Fix | None:
    """Take a whole call away, if it is a statement of its own that is made once, with all that it says."""
    lines = source_lines(project, package, call.place)
    if not lines or not call.receiver or not is_written_out(call) or _serves_others(project, package, call, call.place):
        return None
    title = f"Remove {call.action.value} {', '.join(call.include)}".rstrip()
    return Fix(title, (_without_statement(lines, call.place),), is_safe=True)


def _serves_others(project: Project, package: Package, call: ActionCall, place: Place) -> bool:
    """Tell whether a call or a pattern's text is also that of another call, or of an export that is told otherwise."""
    if call.places.count(place) > 1:
        return True
    for other in project.packages:
        is_alike = _told(other) == _told(package)
        if any(
            (action.place == call.place or place in action.places)
            and not (is_alike and (action is call or other.name != package.name))
            for action in other.actions
        ):
            return True
    return False


def _told(package: Package) -> list[tuple[object, ...]]:
    calls = [(call.action, call.include, call.exclude, call.allow_empty) for call in package.actions]
    return [*calls, *((root.kind, root.module, root.globals, root.source) for root in package.roots)]


def moved_before(project: Project, package: Package, call: ActionCall, before: Place) -> Fix | None:
    """Move a call to another line of the same block."""
    lines = source_lines(project, package, call.place)
    if not lines or not call.receiver or before.path != call.place.path or before.path is None:
        return None
    if (
        before.span.column != call.place.span.column
        or not lines[before.span.line - 1][: before.span.column - 1].isspace()
    ):
        return None
    text = "\n".join(lines[call.place.span.line - 1 : call.place.span.end_line]) + "\n"
    start = Span(before.span.line, 1, before.span.line, 1)
    edits = (Edit(before.path, start, text), _without_statement(lines, call.place))
    return Fix(f"Move {call.action.value} before the first save", edits, is_safe=True)


def replaced(place: Place, text: str, title: str) -> Fix | None:
    """Put other code in a place."""
    if place.path is None or place.path.suffix != ".py" or place.span == START:
        return None
    return Fix(title, (Edit(place.path, place.span, text),), is_safe=True)


def quoted_like(project: Project, package: Package, place: Place, text: str) -> str:
    """Return a string literal with the quotes of the one at `place`."""
    lines = source_lines(project, package, place)
    written = lines[place.span.line - 1][place.span.column - 1 :] if lines else '"'
    return f"'{text}'" if written.startswith("'") else f'"{text}"'


def is_plain_literal(project: Project, package: Package, place: Place, text: str) -> bool:
    """Tell whether `place` is a string literal that says `text` and nothing else."""
    lines = source_lines(project, package, place)
    if not lines or place.span.line != place.span.end_line:
        return False
    written = lines[place.span.line - 1][place.span.column - 1 : place.span.end_column - 1]
    return written in (f'"{text}"', f"'{text}'")


def _without_statement(lines: list[str], place: Place) -> Edit:
    assert place.path is not None
    first, last = place.span.line, place.span.end_line
    indent = lines[first - 1][: place.span.column - 1]
    opens = lines[first - 2].rstrip().endswith(":") if first >= 2 else False
    following = next((line for line in lines[last:] if line.strip()), "")
    if opens and not following.startswith(indent):
        return Edit(place.path, place.span, "pass")
    return Edit(place.path, Span(first, 1, last + 1, 1), "")


def _with_comma(lines: list[str], span: Span) -> Span:
    line = lines[span.line - 1]
    after = line[span.end_column - 1 :]
    if after.lstrip().startswith(","):
        taken = len(after) - len(after.lstrip()[1:].lstrip(" "))
        is_alone = not line[: span.column - 1].strip() and not after[taken:].strip()
        if is_alone:
            return Span(span.line, 1, span.line + 1, 1)
        return Span(span.line, span.column, span.line, span.end_column + taken)
    before = line[: span.column - 1].rstrip()
    if before.endswith(","):
        return Span(span.line, len(before), span.line, span.end_column)
    return span
