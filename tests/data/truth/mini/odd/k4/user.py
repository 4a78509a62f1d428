def reached():
    import k4.things
    import k4.base
