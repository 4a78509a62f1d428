match {"a": 1, "b": [1, 2]}:
    case {"a": 2}: raise ImportError
    case {"b": [x, *rest]}: pass
    case _: raise ImportError
assert x == 1 and rest == [2]
