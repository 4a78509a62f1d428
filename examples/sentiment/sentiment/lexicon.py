"""A scorer that needs no training: it adds up the weights of the words that it finds in a list."""

import csv
import math
import pkgutil
from collections.abc import Sequence

from sentiment.labels import Label, Prediction


def read_lexicon() -> dict[str, float]:
    """The word list that comes with the package: weights from -1 to 1."""
    content = pkgutil.get_data("sentiment", "data/lexicon.tsv")
    if content is None:
        raise FileNotFoundError("the lexicon is not installed")
    rows = csv.reader(content.decode("utf-8").splitlines(), delimiter="\t")
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
