class R:
    def __init_subclass__(cls, **kw):
        if not hasattr(cls, "key"): raise TypeError("no key")
class Ok(R): key = 1
