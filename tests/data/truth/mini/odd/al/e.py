m = __import__("al.k")
m.x
