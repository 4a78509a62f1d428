def reached():
    import pr.base
    import pr.a
    import pr.c
    import pr.d
    import pr.f
