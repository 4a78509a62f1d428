m = __import__("k", globals(), locals(), ["x"], 1)
m.x
