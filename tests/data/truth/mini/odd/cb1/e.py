if (n := 10) > 5:
    import json
else:
    import nothere_a
xs = [last := i for i in range(3)]
assert last == 2
