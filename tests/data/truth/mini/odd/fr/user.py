def reached():
    from fr import value, sub, sub2, both, late
    from fr import nothing
    import fr.nothing2
    from fr.sub import value as v, other
