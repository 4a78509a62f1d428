def reached():
    import k1.things
    import k1.helper
    import k1.impl
    import k1.public
