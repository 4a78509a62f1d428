"""Fixtures of the runtime's tests."""

from tests.runtime.projects import project

__all__ = ["project"]
