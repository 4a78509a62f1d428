"""The text of a document after the changes that a client sends (LSP 3.17, TextDocumentContentChangeEvent).

Each is a range, or the whole text: a client may send that at any time.
"""

from collections.abc import Iterable

from lsprotocol import types as lsp

from tpkg_runtime.spec.source import line_starts, split_lines
from tpkg_server.positions import Positions


def changed(text: str, changes: Iterable[lsp.TextDocumentContentChangeEvent], positions: Positions) -> str:
    """Return the text after the changes, each of which is about what the one before it has left."""
    for change in changes:
        if isinstance(change, lsp.TextDocumentContentChangePartial):
            lines = split_lines(text)
            span = positions.span_of(lines, change.range)
            starts = line_starts(text)
            start = starts[span.line - 1] + span.column - 1
            end = starts[span.end_line - 1] + span.end_column - 1
            text = text[:start] + change.text + text[max(start, end) :]
        else:
            text = change.text
    return text
