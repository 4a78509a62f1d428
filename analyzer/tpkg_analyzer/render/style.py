"""Colours for terminals."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Style:
    """Marks up text where `is_coloured`, and leaves it alone elsewhere."""

    is_coloured: bool = False

    def bold(self, text: str) -> str:
        """Make text stand out."""
        return self._wrap("1", text)

    def dim(self, text: str) -> str:
        """Push text back."""
        return self._wrap("2", text)

    def red(self, text: str) -> str:
        """Errors, and what fails."""
        return self._wrap("31", text)

    def green(self, text: str) -> str:
        """What is well."""
        return self._wrap("32", text)

    def yellow(self, text: str) -> str:
        """Warnings."""
        return self._wrap("33", text)

    def cyan(self, text: str) -> str:
        """Places and notes."""
        return self._wrap("36", text)

    def _wrap(self, code: str, text: str) -> str:
        return f"\033[{code}m{text}\033[0m" if self.is_coloured else text


PLAIN = Style()
