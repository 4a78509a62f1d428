def reached():
    import r1.a
    import r1.b
    import r1.c
    import r1.sub.d
    import r1.sub.e
    import r1.sub.f
    import r1.g
