try:
    import nothere_q
except* ImportError:
    pass
