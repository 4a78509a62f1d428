try:
    import nothere_q
finally:
    x = 1
