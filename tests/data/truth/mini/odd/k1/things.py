import enum, dataclasses, collections
from k1.helper import act, Base
from k1 import impl
class Red(Base): pass
class Reduced:
    def __init__(self, n): self.n = n
    def __reduce__(self): return impl.rebuild, (self.n,)
class Col(enum.Enum):
    A = 1
@dataclasses.dataclass
class Data:
    x: int
class Outer:
    class In: pass
def nested(): return Outer.In()
class Moved: pass
Moved.__module__ = "k1.public"
import sys, types
from k1 import public
public.Moved = Moved
Pt = collections.namedtuple("Pt", "x y")
class _S:
    def __reduce__(self): return "Sing"
Sing = _S()
Sing.__module__ = "k1.things"
