from ._mid import is_there
if is_there("nothere_a.b"):
    pass
