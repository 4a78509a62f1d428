try:
    import nothere_q
except (KeyError, ImportError):
    nothere_q = None
