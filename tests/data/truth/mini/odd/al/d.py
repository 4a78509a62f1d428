m = __import__("al.k", fromlist=["x"])
m.x
