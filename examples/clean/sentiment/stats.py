"""Counts that operations looks at to decide when the vocabulary is out of date."""

from collections import Counter
from collections.abc import Iterable


class UnknownWords:
    """The words that a tokenizer met and its vocabulary does not hold."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()

    def record(self, words: Iterable[str]) -> None:
        """Count some more."""
        self._counts.update(words)

    def most_common(self, limit: int = 5) -> list[tuple[str, int]]:
        """The words seen most often."""
        return self._counts.most_common(limit)
