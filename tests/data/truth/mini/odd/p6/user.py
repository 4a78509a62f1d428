def reached():
    import p6.a
    import p6.b
    import p6.c
