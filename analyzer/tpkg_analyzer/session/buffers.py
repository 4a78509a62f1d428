"""The files of an editor: its texts over the disk, with the last text that parsed where one is half typed."""

from collections.abc import Mapping

from tpkg_analyzer.session.drift import Drift
from tpkg_analyzer.sources.files import Disk, Overlay, is_file


class Buffers:
    """One object for the life of an editor; what it answers changes with `put` and `sweep`."""

    def __init__(self) -> None:
        self._disk = Disk()
        self._shown: dict[str, str] = {}
        self._read: dict[str, str] = {}
        self._overlay = Overlay(self._disk, {})

    def put(self, path: str, text: str | None, *, parses: bool) -> bool:
        """Take the text of an editor, None when it is closed. Return whether a file came or went.

        A text that does not parse is shown to nobody while there is an earlier one that did.
        """
        before = is_file(self._overlay, path)
        if text is None:
            self._shown.pop(path, None)
            self._read.pop(path, None)
        else:
            self._shown[path] = text
            if parses or path not in self._read:
                self._read[path] = text
        self._overlay = Overlay(self._disk, self._read)
        return before != is_file(self._overlay, path)

    def sweep(self) -> None:
        """Forget what is known of the disk."""
        self._disk = Disk()
        self._overlay = Overlay(self._disk, self._read)

    def shown(self, path: str) -> str | None:
        """Return the text that a person sees in the editor, None where the file is not open."""
        return self._shown.get(path)

    def drift(self, path: str) -> Drift | None:
        """Return the way from the text that is analysed to the one that is shown, None where they are the same."""
        shown, read = self._shown.get(path), self._read.get(path)
        if shown is None or read is None or shown == read:
            return None
        return Drift(read, shown)

    @property
    def half_typed(self) -> list[str]:
        """The paths whose shown text does not parse although an earlier one did."""
        return [path for path, shown in self._shown.items() if shown != self._read.get(path)]

    def read(self, path: str) -> bytes:
        """Return the content of a file. Raises OSError."""
        return self._overlay.read(path)

    def entries(self, folder: str) -> Mapping[str, bool]:
        """List a folder with the files that are not saved yet."""
        return self._overlay.entries(folder)

    def stamp(self, path: str) -> str | None:
        """Return what changes when the file on disk does."""
        return self._overlay.stamp(path)
