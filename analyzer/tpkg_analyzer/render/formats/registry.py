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
    "sarif": lambda report: render_sarif(report.by_files()),
    "github": lambda report: render_github(report.by_files()),
    "gitlab": lambda report: render_gitlab(report.by_files()),
    "junit": lambda report: render_junit(report.by_files()),
    "rdjson": lambda report: render_rdjson(report.by_files()),
    "azure": lambda report: render_azure(report.by_files()),
    "pylint": lambda report: render_pylint(report.by_files()),
}

FOR_PEOPLE = frozenset({"full", "concise", "grouped"})
"""The formats that are read on a terminal, and have colours there."""
