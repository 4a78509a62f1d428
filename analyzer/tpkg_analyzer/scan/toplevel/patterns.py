"""Patterns of `match` statements as terms: the test that stands for one, and the names that it binds."""

import ast

from tpkg_analyzer.scan.toplevel.terms import UNKNOWN_TERM, Term, term_of


def test_of_pattern(pattern: ast.pattern, subject: Term) -> Term:
    """Return the term that is true where `subject` matches; unknown for what looks inside of objects."""
    match pattern:
        case ast.MatchValue(value=value):
            return ["compare", subject, [["==", term_of(value)]]]
        case ast.MatchSingleton(value=value):
            return ["compare", subject, [["is", ["constant", value]]]]
        case ast.MatchOr(patterns=patterns):
            return ["or", [test_of_pattern(part, subject) for part in patterns]]
        case ast.MatchAs(pattern=None):
            return ["constant", True]
        case ast.MatchAs(pattern=ast.pattern() as part):
            return test_of_pattern(part, subject)
        case _:
            return UNKNOWN_TERM


def names_of_pattern(pattern: ast.pattern) -> list[str]:
    """Return the names that a pattern binds where it matches."""
    field_of = {True: "rest", False: "name"}
    found = (getattr(node, field_of[isinstance(node, ast.MatchMapping)], None) for node in ast.walk(pattern))
    return [name for name in found if isinstance(name, str)]
