with open(__file__) as fh: pass
del fh
def f(): return fh
f()
