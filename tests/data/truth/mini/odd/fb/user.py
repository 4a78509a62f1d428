def reached():
    import fb.p
    import fb.p.ok
    import fb.p.deep.x
    from fb.p import ok
    from fb.p.ok import y
    import fb.q
