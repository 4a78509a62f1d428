exec("made = 1")
made
