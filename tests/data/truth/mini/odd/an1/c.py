y: Nope = 1
