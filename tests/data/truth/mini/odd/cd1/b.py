from ._impl import g
