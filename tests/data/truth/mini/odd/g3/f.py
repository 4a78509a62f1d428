class Eat:
    def __enter__(self): return self
    def __exit__(self, t, v, tb): return True
with Eat():
    import nothere_a
