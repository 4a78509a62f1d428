from contextlib import suppress
with suppress(AttributeError):
    import nothere_a
