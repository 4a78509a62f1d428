def f():
    try:
        import nothere_q
    finally:
        return 1
V = f()
