from ._mid import is_a_available
if not is_a_available():
    raise ImportError("x")
