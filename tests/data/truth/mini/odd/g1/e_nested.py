try:
    try:
        import nothere_q
    except KeyError:
        pass
except ImportError:
    pass
