def reached():
    import fa
    import fa.ok
