globals().update(a=1, b=2)
a + b
vars()["q"] = 3
q
locals()["w"] = 3
w
