try:
    raise FileNotFoundError("x")
except OSError:
    ok = 1
