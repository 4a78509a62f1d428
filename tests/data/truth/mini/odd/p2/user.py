def reached():
    import p2.m, p2.m.x
    from p2.m import x, y
    from p2.k.l import z
    import csv, json
