def reached():
    import fc.once
    import fc.again
    import fc.once
    from fc.state import N
    import fc.cnt1
    import fc.cnt2
