globals()["dyn"] = 1
dyn
