def reached():
    import p1.a.user
    import p1.a.z
    import p1.b.good
    import p1.b.bad
    import p1.c.x
