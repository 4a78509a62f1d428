def reached():
    import s1.alias_maker
    import s1.aliased
    import s1.aliased.inner
    import s1.poisoner
    import s1.poisoned
    import s1.remover
    import s1.removed
    import s1.self_replace
    import s1.self_replace.thing
    from s1.self_replace import thing2
    import s1.self_gone
    import s1.setdef
    import s1.fake_pkg
    import s1.fake_pkg.sub
    import s1.fake_mod
    import s1.fake_mod.sub
