"""The files of an editor: its texts over the disk, with the last text that parsed where one is half typed."""

from tpkg_analyzer.session.drift import Drift
from tpkg_analyzer.sources.files import Disk, Overlay, is_file


class Buffers(Overlay):
    """One object for the life of an editor; what it answers changes with `put` and `sweep`."""

    def __init__(self) -> None:
        super().__init__(Disk(), {})
        self._shown: dict[str, str] = {}
        self._read: dict[str, str] = {}
        self._drifts: dict[str, Drift] = {}

    def put(self, path: str, text: str | None, *, parses: bool) -> bool:
        """Take the text of an editor, None when it is closed. Return whether a file came or went.

        A text that does not parse is shown to nobody while there is an earlier one that did.
        """
        before = is_file(self, path)
        self._drifts.pop(path, None)
        if text is None:
            self._shown.pop(path, None)
            self._read.pop(path, None)
        else:
            self._shown[path] = text
            if parses or path not in self._read:
                self._read[path] = text
        super().__init__(self.below, self._read)
        return before != is_file(self, path)

    def sweep(self) -> None:
        """Forget what is known of the disk."""
        super().__init__(Disk(), self._read)

    def are_saved(self) -> bool:
        """Tell whether the files on disk are those that the editor shows."""
        try:
            return all(self._shown[path] == self._read[path] for path in self.paths) and all(
                self.read(path) == self.below.read(path) for path in self.paths
            )
        except OSError:
            return False

    def shown(self, path: str) -> str | None:
        """Return the text that a person sees in the editor, None where the file is not open."""
        return self._shown.get(path)

    def drift(self, path: str) -> Drift | None:
        """Return the way from the text that is analysed to the one that is shown, None where they are the same."""
        shown, read = self._shown.get(path), self._read.get(path)
        if shown is None or read is None or shown == read:
            return None
        if path not in self._drifts:
            self._drifts[path] = Drift(read, shown)
        return self._drifts[path]

    @property
    def half_typed(self) -> list[str]:
        """The paths whose shown text does not parse although an earlier one did."""
        return [path for path, shown in self._shown.items() if shown != self._read.get(path)]
