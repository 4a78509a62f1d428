import functools
@functools.lru_cache(maxsize=None)
def f(): return 1
@functools.wraps(f)
def g(): raise ImportError
f()
g
