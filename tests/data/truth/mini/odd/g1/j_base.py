try:
    import nothere_q
except BaseException:
    pass
