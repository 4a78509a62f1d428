x = {k: v for k, v in zip("ab", (1, 2))}
assert x["b"] == 2
x["c"]
