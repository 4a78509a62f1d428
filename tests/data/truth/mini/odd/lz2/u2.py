from lz2 import b
