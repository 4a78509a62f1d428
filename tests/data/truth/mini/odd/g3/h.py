from contextlib import ExitStack, suppress
with ExitStack() as s:
    s.enter_context(suppress(ImportError))
    import nothere_a
