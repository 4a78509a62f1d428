raise SyntaxError("x")
