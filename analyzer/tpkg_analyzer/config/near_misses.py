"""Tables of a `pyproject.toml` whose name is nearly that of this tool: nobody reads them, and nobody says so."""

import re
from difflib import SequenceMatcher

from tpkg_runtime.spec.source import Span

_HEADER = re.compile(r"""^[ \t]*\[\[?[ \t]*tool[ \t]*\.[ \t]*["']?(?P<name>[A-Za-z0-9_-]+)""", re.MULTILINE)
_OWN = "tpkg-lint"
_NEAR = 0.8


def near_miss(text: str) -> tuple[str, Span] | None:
    """Return the first table below `tool` that is meant for this tool and has another name, with its place."""
    for found in _HEADER.finditer(text):
        name = found["name"]
        plain = name.lower().replace("_", "-")
        if name != _OWN and "pkg" in plain and SequenceMatcher(None, plain, _OWN).ratio() >= _NEAR:
            line = text.count("\n", 0, found.start()) + 1
            column = found.start("name") - text.rfind("\n", 0, found.start("name"))
            return name, Span(line, column, line, column + len(name))
    return None
