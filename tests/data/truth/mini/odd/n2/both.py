x = "own"
