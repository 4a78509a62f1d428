"""The classifier: a tokenizer, an encoder and a head."""

import logging
from collections.abc import Sequence
from importlib import resources

import torch
from torch import Tensor, nn

from sentiment import data
from sentiment.encoder import Encoder
from sentiment.explain import Explanation, leave_one_out
from sentiment.heads import create_head
from sentiment.labels import Label, Prediction
from sentiment.lexicon import LexiconScorer
from sentiment.text.words import WordTokenizer

logger = logging.getLogger("sentiment.model")


class SentimentClassifier(nn.Module):
    """Says of each text whether it is positive or negative."""

    def __init__(self, tokenizer: WordTokenizer, encoder: Encoder, head: nn.Module) -> None:
        super().__init__()
        self.tokenizer = tokenizer
        self.encoder = encoder
        self.head = head

    def forward(self, ids: Tensor) -> Tensor:
        """Logits of shape (texts, labels) for word ids of shape (texts, words)."""
        hidden, mask = self.encoder(ids)
        return self.head(hidden, mask)

    def replace_head(self, name: str, labels: int) -> None:
        """Put a new head on the encoder, to fine-tune it for another set of labels."""
        self.head = create_head(name, self.encoder.width, labels)

    @torch.inference_mode()
    def positive_probability(self, text: str) -> float:
        """The probability that a text is positive."""
        logits = self(self.tokenizer.encode([text]))
        return float(logits.softmax(dim=-1)[0, Label.POSITIVE.value])

    def predict(self, texts: Sequence[str]) -> list[Prediction]:
        """Classify texts; those without any known word are left to the lexicon."""
        return [self._predict_one(text) for text in texts]

    def _predict_one(self, text: str) -> Prediction:
        words = self.tokenizer.tokenize(text)
        if not self.tokenizer.knows(text):
            logger.info("no known word in %r, asking the lexicon", text)
            return LexiconScorer().predict(text, words)
        probability = self.positive_probability(text)
        label = Label.POSITIVE if probability > 0.5 else Label.NEGATIVE
        return Prediction(text, label, max(probability, 1 - probability))

    def explain(self, text: str) -> Explanation:
        """Which words the prediction for a text rests on."""
        return leave_one_out(self.positive_probability, text, self.tokenizer.tokenize(text))

    @staticmethod
    def card() -> str:
        """The model card: what the model is for, and what it is not for."""
        return resources.files(data).joinpath("MODEL_CARD.md").read_text(encoding="utf-8")
