"""Classification heads; importing this package makes all of them known to the registry."""

from sentiment.heads import attention, mean
from sentiment.heads.registry import available_heads, create_head

__all__ = ["attention", "available_heads", "create_head", "mean"]
