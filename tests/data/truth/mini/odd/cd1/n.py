for k in ["aa", "bb"]:
    globals()[k.upper()] = k
AA, BB
