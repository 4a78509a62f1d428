"""Pooling by the mean."""

from torch import Tensor, nn


class MeanHead(nn.Module):
    """Classifies the mean of all words."""

    def __init__(self, width: int, labels: int) -> None:
        super().__init__()
        self.classify = nn.Linear(width, labels)

    def forward(self, hidden: Tensor, mask: Tensor) -> Tensor:
        """Logits of shape (texts, labels)."""
        weights = mask.unsqueeze(-1).to(hidden.dtype)
        return self.classify((hidden * weights).sum(dim=1) / weights.sum(dim=1))
