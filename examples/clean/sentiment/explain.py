"""Which words a prediction rests on."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Explanation:
    """The words of a text and how much the probability falls without each of them."""

    text: str
    words: tuple[str, ...]
    effects: tuple[float, ...]

    def ranked(self) -> list[tuple[str, float]]:
        """The words, the most important first."""
        return sorted(zip(self.words, self.effects, strict=True), key=lambda item: -abs(item[1]))

    def rows(self) -> list[dict[str, str | float]]:
        """The explanation as the rows of a table, for notebooks."""
        return [{"word": word, "effect": effect} for word, effect in zip(self.words, self.effects, strict=True)]


def leave_one_out(positive: Callable[[str], float], text: str, words: Sequence[str]) -> Explanation:
    """Classify the text without each word in turn; texts of a single word explain themselves."""
    full = positive(text)
    if len(words) == 1:
        return Explanation(text, tuple(words), (full - 0.5,))
    rests = (" ".join([*words[:index], *words[index + 1 :]]) for index in range(len(words)))
    return Explanation(text, tuple(words), tuple(full - positive(rest) for rest in rests))
