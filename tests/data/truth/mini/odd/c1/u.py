import c1.t as t
from c1 import t as t2
def f(): return t.T
