"""`match` statements: which case a value takes, as far as that is certain."""

import ast

from tpkg_analyzer.scan.exports.bindings import assign, bind
from tpkg_analyzer.scan.exports.kinds import is_instance
from tpkg_analyzer.scan.exports.operators import compare
from tpkg_analyzer.scan.exports.sequences import items_of
from tpkg_analyzer.scan.exports.state import Frame, Machine
from tpkg_analyzer.scan.exports.values import Items, Known, Opaque, Value, truth


def matches(machine: Machine, case: ast.match_case, subject: Value, frame: Frame) -> bool | None:
    """Tell whether a value takes a case, and bind the names of its pattern; None where that is not known."""
    answer = _fits(machine, case.pattern, subject, frame)
    if answer is False or case.guard is None:
        return answer
    guard = truth(machine.evaluate(machine, case.guard, frame))
    return guard if answer is True or guard is False else None


def _fits(machine: Machine, pattern: ast.pattern, subject: Value, frame: Frame) -> bool | None:
    site = frame.site(pattern)
    match pattern:
        case ast.MatchValue(value=value):
            return truth(compare(machine, ast.Eq(), subject, machine.evaluate(machine, value, frame), site))
        case ast.MatchSingleton(value=value):
            return truth(compare(machine, ast.Is(), subject, Known(value), site))
        case ast.MatchOr(patterns=patterns):
            answers = [_fits(machine, inner, subject, frame) for inner in patterns]
            return True if True in answers else None if None in answers else False
        case ast.MatchAs(pattern=inner, name=name):
            answer = _fits(machine, inner, subject, frame) if inner is not None else True
            if name is not None:
                bind(frame.names, name, subject, machine)
            return answer
        case ast.MatchSequence(patterns=patterns):
            return _sequence(machine, patterns, subject, frame)
        case ast.MatchClass(cls=cls, patterns=[], kwd_attrs=names, kwd_patterns=patterns):
            answer = is_instance(subject, machine.evaluate(machine, cls, frame))
            for name, inner in zip(names, patterns, strict=True):
                held = machine.attribute(machine, subject, name, site)
                fits = _fits(machine, inner, held if held is not None else site.opaque, frame)
                answer = False if answer is False or fits is False else answer if fits else None
            return answer
        case _:
            _forget(machine, pattern, frame)
            return None


def _sequence(machine: Machine, patterns: list[ast.pattern], subject: Value, frame: Frame) -> bool | None:
    if isinstance(subject, Known):
        return False
    has_star = any(isinstance(inner, ast.MatchStar) for inner in patterns)
    if not isinstance(subject, Items) or subject.doubt is not None or has_star:
        for inner in patterns:
            _forget(machine, inner, frame)
        return None
    items, _ = items_of(machine, subject, frame.site(patterns[0]) if patterns else frame.site(frame.module.tree))
    if subject.kind not in ("list", "tuple", "range", "deque") or len(items) != len(patterns):
        return False
    answers = [_fits(machine, inner, item, frame) for inner, item in zip(patterns, items, strict=True)]
    return False if False in answers else None if None in answers else True


def _forget(machine: Machine, pattern: ast.pattern, frame: Frame) -> None:
    """Bind the names of a pattern to what nobody knows."""
    for node in ast.walk(pattern):
        name = getattr(node, "rest", None) or getattr(node, "name", None)
        if isinstance(name, str):
            assign(machine, ast.Name(name, ast.Store()), Opaque(frame.module.unknown(pattern)), frame)
