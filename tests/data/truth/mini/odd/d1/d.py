class B(Missing): pass
