"""Numbers of things, in words."""


def counted(number: int, thing: str) -> str:
    """Return a number with its noun, as in `1 file` and `2 files`."""
    return f"{number} {thing if number == 1 else f'{thing}s'}"
