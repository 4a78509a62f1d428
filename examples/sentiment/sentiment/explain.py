"""Which words a prediction rests on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

    from sentiment.model import SentimentClassifier


@dataclass(frozen=True)
class Explanation:
    """The words of a text and how much the probability falls without each of them."""

    text: str
    words: tuple[str, ...]
    effects: tuple[float, ...]

    def ranked(self) -> list[tuple[str, float]]:
        """The words, the most important first."""
        return sorted(zip(self.words, self.effects, strict=True), key=lambda item: -abs(item[1]))

    def to_frame(self) -> pd.DataFrame:
        """The explanation as a table, for notebooks."""
        import pandas as pd

        return pd.DataFrame({"word": self.words, "effect": self.effects})


def leave_one_out(model: SentimentClassifier, text: str) -> Explanation:
    """Classify the text without each word in turn; texts of a single word explain themselves."""
    words = tuple(model.tokenizer.tokenize(text))
    full = model.positive_probability(text)
    if len(words) == 1:
        return Explanation(text, words, (full - 0.5,))
    rests = (" ".join(words[:index] + words[index + 1 :]) for index in range(len(words)))
    return Explanation(text, words, tuple(full - model.positive_probability(rest) for rest in rests))
