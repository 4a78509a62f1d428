def reached():
    import c3.w
    import c3.f1
    import c3.f2
    import c3.f3
    from c3 import lazy_a
    from c3 import lazy_b
    from c3 import lazy_c
