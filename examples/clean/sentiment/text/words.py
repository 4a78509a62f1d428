"""A tokenizer that splits a text into lower-case words."""

import re
from collections.abc import Sequence

import torch
from torch import Tensor

from sentiment.errors import EmptyTextError
from sentiment.stats import UnknownWords
from sentiment.text.vocabulary import Vocabulary

WORD = re.compile(r"[a-z]+(?:'[a-z]+)?")


def split_words(text: str) -> tuple[str, ...]:
    """The words of a text."""
    return tuple(WORD.findall(text.lower()))


class WordTokenizer:
    """Turns texts into padded batches of word ids."""

    def __init__(self, vocabulary: Vocabulary, max_words: int = 32) -> None:
        self.vocabulary = vocabulary
        self.max_words = max_words
        self.unknown_words = UnknownWords()

    def tokenize(self, text: str) -> list[str]:
        """The words of a text, cut to the length that the model can read."""
        words = split_words(text)
        if not words:
            raise EmptyTextError(f"no word in {text!r}")
        self.unknown_words.record(word for word in words if word not in self.vocabulary)
        return list(words[: self.max_words])

    def knows(self, text: str) -> bool:
        """Whether the vocabulary holds any word of the text."""
        return any(word in self.vocabulary for word in split_words(text))

    def encode(self, texts: Sequence[str]) -> Tensor:
        """Word ids of shape (texts, words), padded with zeros on the right."""
        rows = [[self.vocabulary.index(word) for word in self.tokenize(text)] for text in texts]
        ids = torch.zeros(len(rows), max(len(row) for row in rows), dtype=torch.long)
        for index, row in enumerate(rows):
            ids[index, : len(row)] = torch.tensor(row)
        return ids
