"""How large a constant may become: told from what it would be made of, before it is made."""

import ast
import re
from typing import Any

LONGEST_TEXT = 1_000_000
MOST_ITEMS = 100_000
_MOST_BITS = 8192
_PADDING = frozenset({"ljust", "rjust", "center", "zfill", "expandtabs"})
_WIDE_PERCENT = re.compile(r"%[^a-zA-Z%]*(\*|\d{5})")
_WIDE_FORMAT = re.compile(r":[^}]*(\{|\d{5})")


def fits(operation: ast.operator, first: Any, second: Any) -> bool:
    """Tell whether the result of an operator over two constants is of a size to be kept."""
    texts = [item for item in (first, second) if isinstance(item, str | bytes)]
    numbers = [item for item in (first, second) if isinstance(item, int)]
    match operation:
        case ast.Add():
            return sum(map(len, texts)) <= LONGEST_TEXT
        case ast.Mult() if texts and numbers:
            return len(texts[0]) * max(numbers[0], 0) <= LONGEST_TEXT and abs(numbers[0]) <= LONGEST_TEXT
        case ast.Mult():
            return sum(item.bit_length() for item in numbers) <= _MOST_BITS
        case ast.LShift():
            return all(item.bit_length() <= _MOST_BITS for item in numbers) and _is_at_most(second, _MOST_BITS)
        case ast.Pow():
            return _is_at_most(second, 64) and isinstance(first, int | float) and abs(first) < 1e6
        case ast.Mod() if texts:
            return fits_formatting(texts[0] if isinstance(texts[0], str) else texts[0].decode(errors="replace"))
        case _:
            return True


def fits_formatting(template: str) -> bool:
    """Tell whether a template of `%` asks for no width that is large or given from outside."""
    return _WIDE_PERCENT.search(template) is None


def fits_format(spec: str) -> bool:
    """Tell whether a format specification asks for no large width."""
    return re.search(r"\d{5}", spec) is None


def fits_method(text: str | bytes, name: str, given: list[Any]) -> bool:
    """Tell whether a method of a text gives one of a size to be kept."""
    if name in _PADDING:
        widths = [item for item in given if isinstance(item, int)]
        return all(width * (len(text) if name == "expandtabs" else 1) <= LONGEST_TEXT for width in widths)
    if name in ("format", "format_map"):
        return isinstance(text, str) and _WIDE_FORMAT.search(text) is None
    if name == "replace" and len(given) >= 2 and isinstance(given[1], str | bytes):
        return len(text) + _count(text, given[0]) * len(given[1]) <= LONGEST_TEXT
    if name == "join" and given and isinstance(given[0], tuple | str | bytes):
        parts = [len(item) for item in given[0] if isinstance(item, str | bytes)]
        return sum(parts) + len(parts) * len(text) <= LONGEST_TEXT
    return True


def _count(text: str | bytes, part: Any) -> int:
    if isinstance(text, str):
        return text.count(part) if isinstance(part, str) else 0
    return text.count(part) if isinstance(part, bytes) else 0


def _is_at_most(value: Any, most: int) -> bool:
    return isinstance(value, int | float) and abs(value) <= most
