"""How numbers of bytes are shown."""


def readable(size: int) -> str:
    """Return a number of bytes in the decimal units of file managers: 12 bytes, 3.4 kB, 5.6 MB."""
    if size < 1000:
        return f"{size} bytes" if size != 1 else "1 byte"
    if size < 999_950:
        return f"{size / 1000:.1f} kB"
    return f"{size / 1_000_000:.1f} MB"
