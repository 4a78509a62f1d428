try:
    import nothere_q
except:
    pass
