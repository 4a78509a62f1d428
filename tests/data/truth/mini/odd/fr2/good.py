from fr2 import both
thing = 1
