try:
    import nothere_q
except ImportError:
    import nothere_s
