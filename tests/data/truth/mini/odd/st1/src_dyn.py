__all__ = [n for n in ("a", "b")]
a = b = c = 1
__all__ += ["c"]
__all__.append("d")
