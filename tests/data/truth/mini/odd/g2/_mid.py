from ._flags import HAS_A, HAS_J, has_dotted
from ._flags import has as is_there
def is_a_available():
    return HAS_A
def needs_a(cls):
    if not is_a_available():
        raise ImportError("a is needed")
    return cls
def soft_a(cls):
    return cls if HAS_A else None
