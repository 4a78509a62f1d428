"""Relations between patterns: whether one takes all that another could match, and whether they can meet at all."""

from functools import lru_cache


def covers(wide: str, narrow: str) -> bool:
    """Tell whether every name that `narrow` matches is one that `wide` matches. Sound, not complete."""
    return _covers(tuple(wide.split(".")), tuple(narrow.split(".")))


def may_meet(left: str, right: str) -> bool:
    """Tell whether some name may match both patterns."""
    for first, second in zip(left.split("."), right.split("."), strict=False):
        if "*" in first or "*" in second:
            return True
        if first != second:
            return False
    shorter, longer = sorted((left.split("."), right.split(".")), key=len)
    return len(shorter) == len(longer) or longer[len(shorter)] == "**"


@lru_cache(maxsize=4096)
def _covers(wide: tuple[str, ...], narrow: tuple[str, ...]) -> bool:
    if not wide:
        return not narrow
    if wide[0] == "**":
        return _covers(wide[1:], narrow) or (bool(narrow) and _covers(wide, narrow[1:]))
    if not narrow or narrow[0] == "**":
        return False
    return wide[0] in ("*", narrow[0]) and _covers(wide[1:], narrow[1:])
