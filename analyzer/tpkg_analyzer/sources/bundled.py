"""Texts that the distribution carries for its pages."""

from functools import cache
from importlib.resources import files


@cache
def bundled_text(package: str, name: str) -> str:
    """Return a text from the folder `assets` of a package, without space around it."""
    return (files(package) / "assets" / name).read_text("utf-8").strip()
