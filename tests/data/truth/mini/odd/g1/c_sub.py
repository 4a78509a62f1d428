try:
    import nothere_q
except ModuleNotFoundError as e:
    err = e
