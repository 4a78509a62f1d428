@nothing
def f(): pass
