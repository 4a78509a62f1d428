import al.k.x
