m = __import__("al.k")
m.k.x
