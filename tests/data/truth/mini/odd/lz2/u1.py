import lz2
lz2.a.x
