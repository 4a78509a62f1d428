"""Patterns over module names and paths.

Follows Bazel's `glob()`, as torch.package does: a pattern is a row of segments; `*` stands for any text inside one
segment, `**` for zero or more whole segments.
"""

import re
from collections.abc import Iterable

GlobPattern = str | Iterable[str]


class GlobGroup:
    """Names that some include pattern matches and no exclude pattern does.

    Raises ValueError for a pattern in which `**` is only a part of a segment. Mirrors `torch.package.GlobGroup`.
    """

    def __init__(self, include: GlobPattern, *, exclude: GlobPattern = (), separator: str = ".") -> None:
        self._shown = f"GlobGroup(include={include}, exclude={exclude})"
        self.separator = separator
        self.include_patterns = _as_tuple(include)
        self.exclude_patterns = _as_tuple(exclude)
        self.include = [compile_glob(pattern, separator) for pattern in self.include_patterns]
        self.exclude = [compile_glob(pattern, separator) for pattern in self.exclude_patterns]

    def matches(self, candidate: str) -> bool:
        """Tell whether `candidate` is in the group."""
        # The leading separator lets `**.b` and `a.**` treat first and later segments alike.
        anchored = self.separator + candidate
        if not any(expression.fullmatch(anchored) for expression in self.include):
            return False
        return not any(expression.fullmatch(anchored) for expression in self.exclude)

    def __repr__(self) -> str:
        return self._shown

    __str__ = __repr__


def compile_glob(pattern: str, separator: str = ".") -> re.Pattern[str]:
    """Compile one pattern to an expression that must match the candidate with a separator put before it."""
    split = re.escape(separator)
    inside = f"[^{split}]"
    parts = []
    for segment in pattern.split(separator):
        if segment == "**":
            parts.append(f"(?:{split}{inside}+)*")
        elif "**" in segment:
            raise ValueError("** can only appear as an entire path segment")
        else:
            literals = (re.escape(literal) for literal in segment.split("*"))
            parts.append(split + f"{inside}*".join(literals))
    return re.compile("".join(parts))


def _as_tuple(pattern: GlobPattern) -> tuple[str, ...]:
    return (pattern,) if isinstance(pattern, str) else tuple(pattern)
