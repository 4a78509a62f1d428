import enum, collections
from k2.helper import act
from k2.mocked import M
from k2.ext.one import E
class Red: pass
class Reduced:
    def __init__(self, n): self.n = n
    def __reduce__(self): return E, (self.n,)
class Col(enum.IntEnum):
    A = 1
Pt = collections.namedtuple("Pt", "x y")
