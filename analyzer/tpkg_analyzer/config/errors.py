"""What is wrong with a configuration, said once and with a way out."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

from tpkg_runtime.spec.source import START, Span

_CODE = re.compile(r"TPK\d+", re.IGNORECASE)


@dataclass(eq=False)  # not frozen: a context manager that it passes through gives it a traceback
class ConfigError(Exception):
    """The configuration cannot be used; ends the command with exit status 2."""

    message: str
    path: Path | None = None
    span: Span = START
    hint: str | None = None
    word: str | None = None
    """The value that is wrong, of a setting that may stand anywhere."""

    def __str__(self) -> str:
        place = f"{self.path}:{self.span.line}:{self.span.column}: " if self.path else ""
        return place + self.message + (f"\n  help: {self.hint}" if self.hint else "")


def suggest(word: str, known: Iterable[str]) -> str | None:
    """Return a help line that names the nearest of the known words, or None where none is near."""
    names = sorted(known)
    near = get_close_matches(word, names, n=1, cutoff=0.6)
    # The digits of a code are no letters that somebody has mixed up: a code that is not there is near to every one.
    return f"did you mean `{near[0]}`?" if near and not _CODE.fullmatch(word) else None
