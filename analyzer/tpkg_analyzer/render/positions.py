"""Spans as the JSON formats have them."""

from typing import Any

from tpkg_runtime.spec.source import Span


def range_as_json(span: Span) -> dict[str, Any]:
    """Return start and end, each with line and column, counted as in `Span`."""
    return {
        "start": {"line": span.line, "column": span.column},
        "end": {"line": span.end_line, "column": span.end_column},
    }
