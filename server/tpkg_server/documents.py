"""The documents that are open in the editor, by URI and by path. Whole texts: lines are split elsewhere, once."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from urllib.parse import urlsplit

from pygls.uris import from_fs_path, to_fs_path

from tpkg_analyzer.config.load import FILE_NAMES
from tpkg_analyzer.sources.files import Disk
from tpkg_analyzer.sources.text import decode_source
from tpkg_runtime.spec.source import split_lines
from tpkg_server.worker.feed import Feed

_LONE_SURROGATE = re.compile("[\ud800-\udfff]")
_NOT_IN_A_NAME = re.compile(r"\W+")


@dataclass(frozen=True)
class Document:
    """One state of an open document. A change makes a new object, so identity tells whether an answer is stale."""

    uri: str
    path: Path
    version: int | None
    text: str

    @cached_property
    def lines(self) -> list[str]:
        """The lines, as Python and LSP count them."""
        return split_lines(self.text)


class Documents:
    """What is open, and everybody who has to hear of changes."""

    def __init__(self) -> None:
        self._by_path: dict[Path, Document] = {}
        self._paths: dict[str, Path] = {}
        self.feeds: list[Feed] = []
        self.folder = Path.cwd()
        """Where documents without a place of their own are taken to be."""

    def open(self, uri: str, language: str, version: int | None, text: str) -> Document | None:
        """Take a document in; None for one in which nothing can be found."""
        path = self._path(uri)
        if not (language == "python" or path.suffix == ".py" or path.name in FILE_NAMES):
            return None
        if path.suffix != ".py" and path.name not in FILE_NAMES:
            path = path.with_name(path.name + ".py")
        self._paths[uri] = path
        return self._put(Document(uri, path, version, _encodable(text)))

    def change(self, uri: str, version: int | None, text: str) -> Document | None:
        """Take the new text of a document; None for one that is not open."""
        path = self._paths.get(uri)
        return self._put(Document(uri, path, version, _encodable(text))) if path is not None else None

    def close(self, uri: str) -> Document | None:
        """Let go of a document and return its last state."""
        path = self._paths.pop(uri, None)
        closed = self._by_path.pop(path, None) if path is not None else None
        if closed is not None:
            for feed in self.feeds:
                feed.put(str(closed.path), None)
        return closed

    def get(self, uri: str) -> Document | None:
        """Return the document of a URI, None where it is not open."""
        path = self._paths.get(uri)
        return self._by_path.get(path) if path is not None else None

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

    def _path(self, uri: str) -> Path:
        if urlsplit(uri).scheme in ("", "file") and (path := to_fs_path(uri)):
            return Path(path)
        # A hyphen keeps it from being the file of any module.
        return self.folder / f"untitled-{_NOT_IN_A_NAME.sub('-', uri)}.py"


def path_of(uri: str) -> Path | None:
    """Return the path of a file URI."""
    path = to_fs_path(uri)
    return Path(path) if path else None


def _encodable(text: str) -> str:
    """Replace halves of pairs, which some clients send while typing; as many UTF-16 units as before."""
    return _LONE_SURROGATE.sub("\ufffd", text)
