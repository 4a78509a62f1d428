ERRS = (ImportError, OSError)
try:
    import nothere_q
except ERRS:
    pass
