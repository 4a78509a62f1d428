"""Classification heads."""

from sentiment.heads.registry import available_heads, create_head

__all__ = ["available_heads", "create_head"]
