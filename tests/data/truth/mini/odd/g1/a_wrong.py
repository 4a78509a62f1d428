try:
    import nothere_q
except AttributeError:
    pass
