"""The Markdown that the server writes, as plain text, for a client that shows no other."""

import re

_FENCE = re.compile(r"^(```|~~~)")
_HEADING = re.compile(r"^#+ +")
_RULE = re.compile(r"^---+$")
_MARKED = re.compile(
    r"`(?P<code>[^`]+)`"
    r"|\[(?P<link>(?:`[^`]*`|[^\]`])+)\]\([^)\s]+\)"
    r"|\*\*(?P<strong>[^*\s][^*]*)\*\*"
    r"|(?<![\w*])\*(?P<emphasis>[^*\s][^*]*)\*(?![\w*])"
)


def without_marks(markdown: str) -> str:
    """Return the text without its marks; what is code stays as it is, also where it looks like a mark."""
    kept: list[str] = []
    is_code = False
    for line in markdown.split("\n"):
        if _FENCE.match(line):
            is_code = not is_code
        elif is_code:
            kept.append(f"    {line}".rstrip())
        elif not _RULE.match(line):
            kept.append(_unmarked(_HEADING.sub("", line)))
        elif kept and not kept[-1]:
            kept.pop()  # a rule stands between two empty lines
    return "\n".join(kept)


def _unmarked(text: str) -> str:
    return _MARKED.sub(lambda found: found["code"] or _unmarked(found[found.lastgroup or 0]), text)
