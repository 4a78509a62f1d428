"""One line on a terminal that says what is going on; nothing where standard error is no terminal."""

import os
import shutil
import sys
import time

_PATIENCE = 0.3
_PACE = 0.05


class Progress:
    """Writes over its own line. It stays silent at first: what is done at once needs no progress."""

    def __init__(self, *, is_wanted: bool = True) -> None:
        self._is_on = is_wanted and sys.stderr.isatty() and os.environ.get("TERM") != "dumb"
        self._next = time.monotonic() + _PATIENCE
        self._is_shown = False

    def show(self, text: str) -> None:
        """Put `text` in the place of what was there."""
        if self._is_on and time.monotonic() >= self._next:
            width = shutil.get_terminal_size().columns
            sys.stderr.write(f"\r\x1b[K{text[: width - 1]}")
            sys.stderr.flush()
            self._is_shown = True
            self._next = time.monotonic() + _PACE

    def clear(self) -> None:
        """Leave an empty line for what is printed next."""
        if self._is_shown:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()
            self._is_shown = False
