def reached():
    import vend_r
    import pa.b
    import pa.a
    import pa.b
    import pa.c
    import vend_q
    import pa.d
