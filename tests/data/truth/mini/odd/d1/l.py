class B(None): pass
