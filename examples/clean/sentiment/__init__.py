"""A small classifier for the sentiment of short English texts."""

__version__ = "0.4.0"
