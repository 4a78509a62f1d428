"""What a person has to know who set something that cannot be used: each once, until another thing is set."""

from collections.abc import Callable, Iterable


class Complaints:
    """Keeps what was told, and what has to wait until the session has begun."""

    def __init__(self, show: Callable[[str], None]) -> None:
        self._show = show
        self._told: set[str] = set()
        self._waiting: list[str] = []
        self._has_begun = False

    def begin(self) -> None:
        """The client can show messages now."""
        self._has_begun = True
        waiting, self._waiting = self._waiting, []
        self.tell(waiting)

    def forget(self) -> None:
        """Other things are set: whatever is still wrong is told again."""
        self._told.clear()
        self._waiting.clear()

    def tell(self, complaints: Iterable[str]) -> None:
        """Tell what is new among the complaints, in one message."""
        if not self._has_begun:
            self._waiting += complaints
            return
        new = [item for item in dict.fromkeys(complaints) if item not in self._told]
        if new:
            self._told.update(new)
            self._show("\n".join(new))
