raise KeyError("b")
