def f(x=nothing_default): pass
