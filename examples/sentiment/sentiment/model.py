"""The classifier: a tokenizer, an encoder and a head."""

from __future__ import annotations

import importlib
import logging
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn

from sentiment.encoder import Encoder
from sentiment.heads.registry import create_head
from sentiment.labels import Label, Prediction
from sentiment.text.words import WordTokenizer

if TYPE_CHECKING:
    from sentiment.explain import Explanation
    from sentiment.training import TrainingConfig

logger = logging.getLogger(__name__)

MODEL_CARD = Path(__file__).with_name("MODEL_CARD.md")


class SentimentClassifier(nn.Module):
    """Says of each text whether it is positive or negative."""

    def __init__(self, tokenizer: WordTokenizer, encoder: Encoder, head: nn.Module) -> None:
        super().__init__()
        self.tokenizer = tokenizer
        self.encoder = encoder
        self.head = head

    @classmethod
    def from_config(cls, config: TrainingConfig, tokenizer: WordTokenizer) -> SentimentClassifier:
        """A classifier with random weights."""
        encoder = Encoder(len(tokenizer.vocabulary), config.width, config.heads, config.depth)
        return cls(tokenizer, encoder, create_head(config.head, config.width, len(Label)))

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
            # Imported late: the scorer reads its word list when it is created, and most texts never need it.
            lexicon = importlib.import_module("sentiment.lexicon")
            return lexicon.LexiconScorer().predict(text, words)
        probability = self.positive_probability(text)
        label = Label.POSITIVE if probability > 0.5 else Label.NEGATIVE
        return Prediction(text, label, max(probability, 1 - probability))

    def explain(self, text: str) -> Explanation:
        """Which words the prediction for a text rests on."""
        from sentiment.explain import leave_one_out

        return leave_one_out(self, text)

    @staticmethod
    def card() -> str:
        """The model card: what the model is for, and what it is not for."""
        return MODEL_CARD.read_text(encoding="utf-8")
