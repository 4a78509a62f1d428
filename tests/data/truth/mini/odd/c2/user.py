def reached():
    import c2.x
    import c2.y
    import c2.z
    import c2.w
    import c2.v
