from .u1 import *
print(one, _two)
