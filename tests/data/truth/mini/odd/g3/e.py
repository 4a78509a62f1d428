from contextlib import contextmanager
@contextmanager
def swallow():
    try:
        yield
    except ImportError:
        pass
with swallow():
    import nothere_a
