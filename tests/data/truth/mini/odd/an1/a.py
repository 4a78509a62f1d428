def f(x: Missing): pass
