import sc.a
def f():
    import sc.infunc
    def g():
        from sc.deep import x as y
    class L:
        import sc.incls
lambda: __import__("sc.inlambda")
if False:
    import sc.dead
"""
import sc.string
"""
# import sc.comment
__import__("sc.dyn")
import importlib
importlib.import_module("sc.implib")
try:
    import sc.intry
except ImportError:
    import sc.inexc
finally:
    import sc.infin
async def h():
    import sc.inasync
x = [__import__("sc.incomp") for _ in ()]
exec("import sc.inexec")
name = "sc.named"
__import__(name)
__import__("sc", fromlist=["fromlisted"])
from sc import (par1, par2 as p2,
    par3)
import sc.one, sc.two as two
def k(a=__import__("sc.indefault")): pass
f"{__import__('sc.infstring')}"
