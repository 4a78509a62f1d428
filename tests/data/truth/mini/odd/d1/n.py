class F:
    def __init__(self): raise RuntimeError
    @classmethod
    def make(cls): return cls()
