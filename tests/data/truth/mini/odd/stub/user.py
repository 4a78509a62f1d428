def reached():
    import stub.u
    import stub.v
    import stub.has_stub
    import stub.pk
    import stub.only
