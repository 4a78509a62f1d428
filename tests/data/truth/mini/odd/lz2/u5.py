class Lazy:
    def __init__(self, n): self.n = n
    def __getattr__(self, a):
        import importlib
        return getattr(importlib.import_module(self.n), a)
np = Lazy("nothere_a")
js = Lazy("json")
js.dumps
