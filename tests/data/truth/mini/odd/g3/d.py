from contextlib import suppress
with suppress(ImportError):
    import nothere_a
    x = 1
y = x
