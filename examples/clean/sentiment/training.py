"""Training from a list of labelled texts."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch.nn import functional

from sentiment.encoder import Encoder
from sentiment.heads import create_head
from sentiment.labels import Label
from sentiment.model import SentimentClassifier
from sentiment.text.vocabulary import Vocabulary
from sentiment.text.words import WordTokenizer, split_words


@dataclass(frozen=True)
class TrainingConfig:
    """The shape of the model and how it is trained."""

    width: int = 32
    heads: int = 4
    depth: int = 2
    head: str = "attention"
    epochs: int = 16
    learning_rate: float = 3e-3
    seed: int = 7


def untrained(config: TrainingConfig, tokenizer: WordTokenizer) -> SentimentClassifier:
    """A classifier with random weights."""
    encoder = Encoder(len(tokenizer.vocabulary), tokenizer.max_words, config.width, config.heads, config.depth)
    return SentimentClassifier(tokenizer, encoder, create_head(config.head, config.width, len(Label)))


def train(examples: Sequence[tuple[str, Label]], config: TrainingConfig) -> SentimentClassifier:
    """A classifier fitted to the examples, in evaluation mode; the same seed gives the same weights."""
    torch.manual_seed(config.seed)
    texts = [text for text, _ in examples]
    tokenizer = WordTokenizer(Vocabulary.from_sentences(split_words(text) for text in texts))
    model = untrained(config, tokenizer)

    ids = tokenizer.encode(texts)
    targets = torch.tensor([label.value for _, label in examples])
    optimizer = torch.optim.AdamW(model.parameters(), lr=config.learning_rate)
    for epoch in range(1, config.epochs + 1):
        optimizer.zero_grad()
        loss = functional.cross_entropy(model(ids), targets)
        loss.backward()
        optimizer.step()
        if epoch % 4 == 0:
            print(f"epoch {epoch}: loss {loss.item():.4f}", file=sys.stderr)
    return model.eval()
