"""What is written in place of a mocked module."""

from importlib import resources

STUB_SOURCE = """\
from _mock import MockedObject


def __getattr__(attr: str):
    return MockedObject(__name__ + "." + attr, _suppress_err=True)
"""
"""The source of each mocked module: every name is there, nothing can be used."""


def mock_source() -> str:
    """Return the source of the module `_mock`, which the stubs take their objects from."""
    return resources.files(__package__).joinpath("mocked.py").read_text(encoding="utf-8")
