y: Nope
