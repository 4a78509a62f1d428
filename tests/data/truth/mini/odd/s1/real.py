inner = 3
