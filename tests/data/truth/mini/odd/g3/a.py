import contextlib
with contextlib.suppress(ImportError):
    import nothere_a
