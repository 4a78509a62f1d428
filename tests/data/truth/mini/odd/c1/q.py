from c1.p import P
Q = 1
