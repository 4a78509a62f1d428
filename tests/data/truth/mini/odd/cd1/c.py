from ._impl import h
