def reached():
    import k2.things
    import k2.helper
    import k2.mocked
    import k2.ext.one
