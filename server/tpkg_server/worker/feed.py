"""What a worker has to be told before its next job: only what has changed since its last one."""

from collections.abc import Mapping

from tpkg_analyzer.session.change import Change


class Feed:
    """Collects changes until they are taken."""

    def __init__(self) -> None:
        self._texts: dict[str, str] = {}
        self._pending: dict[str, str | None] = {}
        self._roots: tuple[str, ...] = ()
        self._has_new_roots = False
        self._disk = False
        self.sent: Mapping[str, str] = {}
        """The texts of open files that the worker knows."""

    def put(self, path: str, text: str | None) -> None:
        """The text of an open file is another; None where it is closed."""
        self._pending[path] = text
        if text is None:
            self._texts.pop(path, None)
        else:
            self._texts[path] = text

    def disk(self) -> None:
        """Files have changed outside of the editor."""
        self._disk = True

    def roots(self, roots: tuple[str, ...]) -> None:
        """The editor works in other folders."""
        self._roots = roots
        self._has_new_roots = True

    def start_over(self) -> None:
        """Tell everything again: the worker is new."""
        self._pending = dict(self._texts)
        self._has_new_roots = True

    def take(self) -> Change | None:
        """Return what is new, None where nothing is."""
        if not (self._pending or self._disk or self._has_new_roots):
            return None
        change = Change(self._pending, self._disk, self._roots if self._has_new_roots else None)
        self._pending, self._disk, self._has_new_roots = {}, False, False
        self.sent = dict(self._texts)
        return change
