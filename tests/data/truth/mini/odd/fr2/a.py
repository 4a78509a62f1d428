from fr2 import both, thing, good
