import nothere_a
