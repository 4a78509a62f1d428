import nothere_a
B = 1
