from .base import Box
class X(Box[int]): pass
b = Box(a=1)
b.a
