"""Pooling by learned weights."""

from einops import einsum
from torch import Tensor, nn


class AttentionHead(nn.Module):
    """Weighs each word by a learned score, then classifies the weighted mean."""

    def __init__(self, width: int, labels: int) -> None:
        super().__init__()
        self.score = nn.Linear(width, 1)
        self.classify = nn.Linear(width, labels)

    def forward(self, hidden: Tensor, mask: Tensor) -> Tensor:
        """Logits of shape (texts, labels)."""
        scores = self.score(hidden).squeeze(-1).masked_fill(~mask, float("-inf"))
        return self.classify(einsum(scores.softmax(dim=-1), hidden, "b n, b n d -> b d"))
