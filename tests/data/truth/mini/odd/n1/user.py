def reached():
    import n1.reg
    import n1.ns.leaf
    import n1.ns
    import n1.empty_dir
    import n1.data
    import n1.ns.deep.er.x
    from n1.ns.deep import er
    from n1 import ns, nothing
    from n1.ns import leaf, absent
