import warnings
with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import nothere_a
