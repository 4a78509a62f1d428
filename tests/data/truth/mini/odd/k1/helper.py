def act(x): pass
class Base: pass
