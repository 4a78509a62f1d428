"""Errors that callers are expected to handle."""


class EmptyTextError(ValueError):
    """A text that holds no word at all."""
