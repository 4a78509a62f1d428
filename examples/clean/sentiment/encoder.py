"""The part of the model that reads a sequence of words."""

import torch
from einops import rearrange
from torch import Tensor, nn

from sentiment.positions import position_table


class SelfAttention(nn.Module):
    """Multi-head attention of a sequence to itself."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.project_in = nn.Linear(width, 3 * width, bias=False)
        self.project_out = nn.Linear(width, width)

    def forward(self, hidden: Tensor, mask: Tensor) -> Tensor:
        """Attend to the positions where `mask`, of shape (texts, words), is true."""
        query, key, value = rearrange(self.project_in(hidden), "b n (k h d) -> k b h n d", k=3, h=self.heads)
        scores = query @ key.transpose(-1, -2) / key.shape[-1] ** 0.5
        scores = scores.masked_fill(~rearrange(mask, "b n -> b 1 1 n"), float("-inf"))
        return self.project_out(rearrange(scores.softmax(dim=-1) @ value, "b h n d -> b n (h d)"))


class Encoder(nn.Module):
    """Word embeddings with positions, followed by blocks of attention."""

    positions: Tensor

    def __init__(self, vocabulary_size: int, max_words: int, width: int = 32, heads: int = 4, depth: int = 2) -> None:
        super().__init__()
        self.width = width
        self.register_buffer("positions", position_table(max_words, width), persistent=False)
        self.embedding = nn.Embedding(vocabulary_size, width, padding_idx=0)
        self.attentions = nn.ModuleList(SelfAttention(width, heads) for _ in range(depth))
        self.norms = nn.ModuleList(nn.LayerNorm(width) for _ in range(depth))

    def forward(self, ids: Tensor) -> tuple[Tensor, Tensor]:
        """Hidden states of shape (texts, words, width) and the mask of the words that are no padding."""
        mask = ids != 0
        hidden = self.embedding(ids) + 0.1 * self.positions[: ids.shape[1]]
        for attention, norm in zip(self.attentions, self.norms, strict=True):
            hidden = hidden + attention(norm(hidden), mask)
        return torch.tanh(hidden), mask
