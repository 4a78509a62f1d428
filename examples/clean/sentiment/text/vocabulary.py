"""The words that the model knows."""

from collections import Counter
from collections.abc import Iterable, Sequence

PAD = "<pad>"
UNKNOWN = "<unk>"


class Vocabulary:
    """A fixed mapping between words and ids; padding is always id 0."""

    def __init__(self, words: Sequence[str]) -> None:
        self.words: tuple[str, ...] = (PAD, UNKNOWN, *words)
        self._ids = {word: index for index, word in enumerate(self.words)}

    @classmethod
    def from_sentences(cls, sentences: Iterable[Sequence[str]], minimum: int = 1) -> "Vocabulary":
        """Collect the words that occur at least `minimum` times, the most frequent first."""
        counts = Counter(word for sentence in sentences for word in sentence)
        ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
        return cls([word for word, count in ranked if count >= minimum])

    def __len__(self) -> int:
        return len(self.words)

    def __contains__(self, word: object) -> bool:
        return word in self._ids

    def index(self, word: str) -> int:
        """The id of a word, or that of the unknown word."""
        return self._ids.get(word, self._ids[UNKNOWN])
