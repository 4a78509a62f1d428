"""The documents that are open in the editor, by URI and by path. Whole texts: lines are split elsewhere, once."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from urllib.parse import urlsplit

from pygls.uris import from_fs_path, to_fs_path

from tpkg_analyzer.config.load import FILE_NAMES
from tpkg_analyzer.sources.files import Disk
from tpkg_analyzer.sources.notebooks import SUFFIX as NOTEBOOK
from tpkg_analyzer.sources.notebooks import text_of_cell
from tpkg_analyzer.sources.text import decode_source
from tpkg_runtime.spec.source import split_lines
from tpkg_server.worker.feed import Feed

_LONE_SURROGATE = re.compile("[\ud800-\udfff]")
_NOT_IN_A_NAME = re.compile(r"\W+")


@dataclass(frozen=True)
class Cell:
    """A code cell of a notebook, by its number among all cells, counted from 1."""

    uri: str
    number: int
    version: int | None
    text: str

    @cached_property
    def lines(self) -> list[str]:
        """The lines, as the person sees them."""
        return split_lines(self.text)


@dataclass(frozen=True)
class Document:
    """One state of an open document. A change makes a new object, so identity tells whether an answer is stale."""

    uri: str
    path: Path
    version: int | None
    text: str
    cells: tuple[Cell, ...] | None = None
    """The code cells of a notebook, whose text holds all of them."""

    @cached_property
    def lines(self) -> list[str]:
        """The lines, as Python and LSP count them."""
        return split_lines(self.text)

    @cached_property
    def sheets(self) -> tuple["Sheet", ...]:
        """What the client shows of the document, each with a URI of its own."""
        if self.cells is None:
            return (Sheet(self, self.uri, self.version, 0, self.lines),)
        sheets, above = [], 0
        for cell in self.cells:
            # The first line of each cell's text says which cell it is.
            sheets.append(Sheet(self, cell.uri, cell.version, above + 1, cell.lines))
            above += len(split_lines(text_of_cell(cell.number, cell.text))) - 1
        return tuple(sheets)


@dataclass(frozen=True)
class Sheet:
    """What the client calls a text document: a document, or a cell of a notebook."""

    document: Document
    uri: str
    version: int | None
    above: int
    """How many lines of the document are above it."""
    lines: list[str]

    def holds(self, line: int) -> bool:
        """Tell whether a line of the document is in it; an ordinary document takes all, also those beyond its end."""
        return self.document.cells is None or self.above < line <= self.above + len(self.lines)


class Documents:
    """What is open, and everybody who has to hear of changes."""

    def __init__(self) -> None:
        self._by_path: dict[Path, Document] = {}
        self._paths: dict[str, Path] = {}
        self._of_cells: dict[str, Path] = {}
        self.feeds: list[Feed] = []
        self.folder = Path.cwd()
        """Where documents without a place of their own are taken to be."""

    def open(self, uri: str, language: str, version: int | None, text: str) -> Document | None:
        """Take a document in; None for one in which nothing can be found."""
        path = self._path(uri, ".py")
        if not (language == "python" or path.suffix == ".py" or path.name in FILE_NAMES):
            return None
        if path.suffix == NOTEBOOK and text.lstrip().startswith("{"):
            return None  # the JSON of a notebook; some editors show a script under its name
        if path.suffix != ".py" and path.name not in FILE_NAMES:
            path = path.with_name(path.name + ".py")
        self._paths[uri] = path
        return self._put(Document(uri, path, version, _encodable(text)))

    def change(self, uri: str, version: int | None, text: str) -> Document | None:
        """Take the new text of a document; None for one that is not open."""
        path = self._paths.get(uri)
        return self._put(Document(uri, path, version, _encodable(text))) if path is not None else None

    def put_notebook(self, uri: str, version: int | None, cells: Iterable[Cell]) -> Document:
        """Take in the code cells of a notebook as they are now."""
        path = self._paths.setdefault(uri, self._path(uri, NOTEBOOK))
        clean = tuple(replace(cell, text=_encodable(cell.text)) for cell in cells)
        self._forget_cells(path)
        self._of_cells.update(dict.fromkeys((cell.uri for cell in clean), path))
        text = "".join(text_of_cell(cell.number, cell.text) for cell in clean)
        return self._put(Document(uri, path, version, text, clean))

    def close(self, uri: str) -> Document | None:
        """Let go of a document and return its last state."""
        path = self._paths.pop(uri, None)
        closed = self._by_path.pop(path, None) if path is not None else None
        if closed is not None:
            self._forget_cells(closed.path)
            for feed in self.feeds:
                feed.put(str(closed.path), None)
        return closed

    def get(self, uri: str) -> Document | None:
        """Return the document of a URI, also of one of a cell; None where it is not open."""
        path = self._paths.get(uri) or self._of_cells.get(uri)
        return self._by_path.get(path) if path is not None else None

    def sheet(self, uri: str) -> Sheet | None:
        """Return what the client means by the URI of a text document, None where it is not open."""
        document = self.get(uri)
        return next((sheet for sheet in document.sheets if sheet.uri == uri), None) if document is not None else None

    def at(self, path: Path) -> Document | None:
        """Return the open document of a path."""
        return self._by_path.get(path)

    def __iter__(self) -> Iterator[Document]:
        return iter(tuple(self._by_path.values()))

    def uri(self, path: Path) -> str:
        """Return the URI of a path, as the client writes it where it has it open."""
        document = self._by_path.get(path)
        return document.uri if document is not None else from_fs_path(str(path)) or path.as_uri()

    def lines(self, path: Path) -> list[str]:
        """Return the lines of a file, open or not; none where it cannot be read."""
        document = self._by_path.get(path)
        if document is not None:
            return document.lines
        try:
            return split_lines(decode_source(Disk().read(str(path))))
        except (OSError, SyntaxError, UnicodeDecodeError):
            return []

    def _put(self, document: Document) -> Document:
        self._by_path[document.path] = document
        for feed in self.feeds:
            feed.put(str(document.path), document.text)
        return document

    def _forget_cells(self, path: Path) -> None:
        for uri in [uri for uri, owner in self._of_cells.items() if owner == path]:
            del self._of_cells[uri]

    def _path(self, uri: str, suffix: str) -> Path:
        if urlsplit(uri).scheme in ("", "file") and (path := to_fs_path(uri)):
            return Path(path)
        # A hyphen keeps it from being the file of any module.
        return self.folder / f"untitled-{_NOT_IN_A_NAME.sub('-', uri)}{suffix}"


def path_of(uri: str) -> Path | None:
    """Return the path of a file URI."""
    path = to_fs_path(uri)
    return Path(path) if path else None


def _encodable(text: str) -> str:
    """Replace halves of pairs, which some clients send while typing; as many UTF-16 units as before."""
    return _LONE_SURROGATE.sub("\ufffd", text)
