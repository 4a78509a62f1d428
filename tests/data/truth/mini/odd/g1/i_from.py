try:
    import nothere_q
except ImportError as e:
    raise RuntimeError("no") from e
