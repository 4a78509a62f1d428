def reached():
    import p4.d.x
    import p4.k
