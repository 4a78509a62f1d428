from ._impl import i
