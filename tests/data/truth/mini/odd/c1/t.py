from c1 import u
T = 1
