try:
    {}["a"]
except LookupError:
    ok = 1
