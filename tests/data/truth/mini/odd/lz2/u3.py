from lz2 import c
