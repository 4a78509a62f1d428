from fc.state import N
N.append(1)
if len(N) == 1: raise ImportError("first time")
