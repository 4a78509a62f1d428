def act(x): pass
