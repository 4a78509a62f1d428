def reached():
    import c1.a
    import c1.b
    import c1.p
    import c1.q
    import c1.r
    import c1.t
    import c1.u
