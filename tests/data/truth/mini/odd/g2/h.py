from ._mid import HAS_A as A
assert A, "A is needed"
