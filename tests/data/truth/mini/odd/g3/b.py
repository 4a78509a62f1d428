from contextlib import suppress as quiet
with quiet(KeyError, ModuleNotFoundError):
    import nothere_a
    raise SystemError
