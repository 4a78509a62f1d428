def reached():
    import k3.things
    import k3.other
