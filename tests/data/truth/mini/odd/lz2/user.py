def reached():
    import lz2.a
    import lz2.b
    import lz2.u1
    import lz2.u2
    import lz2.u3
    import lz2.u4
    import lz2.u5
