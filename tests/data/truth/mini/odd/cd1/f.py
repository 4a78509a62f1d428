from ._impl import x
