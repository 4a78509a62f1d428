"""Which suppressions keep nothing quiet, and what is left of them without what is of no use."""

from collections.abc import Iterable, Iterator

from tpkg_analyzer.analyze.suppressions import Suppression, answers
from tpkg_analyzer.model.diagnostic import Diagnostic
from tpkg_analyzer.rule.registry import all_rules
from tpkg_analyzer.rule.rule import Rule
from tpkg_analyzer.rule.unused import UnusedSuppression
from tpkg_runtime.spec.source import Span

CODE = "TPK003"


def unused_in(
    source: str, suppressions: Iterable[Suppression], found: Iterable[Diagnostic], rules: tuple[Rule, ...]
) -> Iterator[UnusedSuppression]:
    """Yield the suppressions, or words of them, without a finding.

    Those that are misspelled are among them. Words for rules that do not run here are not judged, and neither is what
    is said about unused suppressions.
    """
    lines = source.split("\n")
    running = {rule.code for rule in rules}
    diagnostics = list(found)
    for item in suppressions:
        near = [diagnostic for diagnostic in diagnostics if item.is_near(diagnostic)]
        if not item.words:
            if not near:
                yield UnusedSuppression(item.span, (), (), *_without(item, lines), fault=item.fault)
            continue
        idle = tuple(word for word in item.words if not any(answers(finding, word) for finding in near))
        unknown = tuple(word for word in idle if not _codes(word))
        judged = tuple(
            word for word in idle if word in unknown or (_codes(word) <= running and CODE not in _codes(word))
        )
        if not judged:
            continue
        kept = [word for word in (*item.others, *item.words) if word not in judged]
        if kept and item.listed is not None:
            yield UnusedSuppression(item.span, judged, unknown, item.listed, ", ".join(kept))
        else:
            yield UnusedSuppression(item.span, judged, unknown, *_without(item, lines))


def _codes(word: str) -> set[str]:
    return {rule.code for rule in all_rules() if rule.code.startswith(word.upper()) or rule.name == word.lower()}


def _without(item: Suppression, lines: list[str]) -> tuple[Span, str]:
    """Return what to remove of a comment: its line, the blanks before it, or the part up to the next comment."""
    span = item.span
    text = lines[span.line - 1]
    rest = text[span.end_column - 1 :]
    if rest.strip():
        end = len(text) - len(rest.lstrip()) + 1
        return Span(span.line, span.column, span.line, end), "" if rest.lstrip().startswith("#") else "# "
    if item.is_alone and span.line < len(lines):
        return Span(span.line, 1, span.line + 1, 1), ""
    return Span(span.line, len(text[: span.column - 1].rstrip()) + 1, span.line, len(text) + 1), ""
