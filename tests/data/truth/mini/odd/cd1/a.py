from ._impl import f
