def gen():
    raise ImportError
    yield
gen()
