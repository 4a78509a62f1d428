import c1.s
R = 1
