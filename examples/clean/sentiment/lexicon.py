"""A scorer that needs no training: it adds up the weights of the words that it finds in a list."""

import csv
import math
from collections.abc import Sequence
from importlib import resources

from sentiment import data
from sentiment.labels import Label, Prediction


def read_lexicon() -> dict[str, float]:
    """The word list that comes with the package: weights from -1 to 1."""
    content = resources.files(data).joinpath("lexicon.tsv").read_text(encoding="utf-8")
    rows = csv.reader(content.splitlines(), delimiter="\t")
    return {word: float(weight) for word, weight in rows}


class LexiconScorer:
    """Scores texts by their words alone."""

    def __init__(self) -> None:
        self.weights = read_lexicon()

    def predict(self, text: str, words: Sequence[str]) -> Prediction:
        """The label by the sign of the summed weights; no evidence counts as negative."""
        total = sum(self.weights.get(word, 0.0) for word in words)
        label = Label.POSITIVE if total > 0 else Label.NEGATIVE
        return Prediction(text, label, 1 / (1 + math.exp(-abs(total))))
