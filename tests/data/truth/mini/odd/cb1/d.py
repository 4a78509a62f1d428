class K:
    n = 3
    xs = [i for i in range(n)]
