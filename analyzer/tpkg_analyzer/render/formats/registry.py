"""The formats by name."""

from collections.abc import Callable

from tpkg_analyzer.render.formats.continuous import (
    render_azure,
    render_github,
    render_gitlab,
    render_junit,
    render_pylint,
    render_rdjson,
)
from tpkg_analyzer.render.formats.plain_json import render_json, render_json_lines
from tpkg_analyzer.render.formats.sarif import render_sarif
from tpkg_analyzer.render.formats.text import render_concise, render_full, render_grouped
from tpkg_analyzer.render.report import Report

FORMATS: dict[str, Callable[[Report], str]] = {
    "full": render_full,
    "concise": render_concise,
    "grouped": render_grouped,
    "json": render_json,
    "json-lines": render_json_lines,
    "sarif": render_sarif,
    "github": render_github,
    "gitlab": render_gitlab,
    "junit": render_junit,
    "rdjson": render_rdjson,
    "azure": render_azure,
    "pylint": render_pylint,
}

FOR_PEOPLE = frozenset({"full", "concise", "grouped"})
"""The formats that are read on a terminal, and have colours there."""
