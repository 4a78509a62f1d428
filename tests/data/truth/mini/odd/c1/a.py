from c1.b import B
A = 1
