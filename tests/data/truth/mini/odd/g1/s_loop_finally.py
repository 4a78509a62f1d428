while True:
    try:
        import nothere_q
    finally:
        break
