def reached():
    import fr2.good
    import fr2.both
    import fr2.a
    import fr2.b
    import fr2.c
    import fr2.d
