"""What the classifier answers with."""

from enum import Enum
from typing import NamedTuple


class Label(Enum):
    """The sentiment of a text; the value is the index of its logit."""

    NEGATIVE = 0
    POSITIVE = 1


class Prediction(NamedTuple):
    """A text with its label and the probability that the model gives to it."""

    text: str
    label: Label
    score: float

    @property
    def positive(self) -> bool:
        """Whether the label is the positive one; for callers that have another copy of `Label`."""
        return self.label is Label.POSITIVE
