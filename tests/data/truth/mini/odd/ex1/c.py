def check(): raise EnvironmentError("x")
try:
    check()
except IOError:
    pass
