g = (1 / 0 for _ in [1])
