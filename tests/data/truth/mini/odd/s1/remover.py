import sys, s1.removed
del sys.modules["s1.removed"]
