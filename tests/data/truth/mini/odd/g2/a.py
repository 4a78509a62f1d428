from ._mid import is_a_available
if is_a_available():
    import nothere_a
