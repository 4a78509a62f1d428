def reached():
    from p5 import k
    import p5.k, p5.l
