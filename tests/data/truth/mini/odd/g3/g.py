class Eat:
    def __enter__(self): return self
    def __exit__(self, t, v, tb): return t is KeyError
with Eat():
    import nothere_a
