class K:
    import nothere_a
