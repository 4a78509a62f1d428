try:
    import nothere_q
except ImportError as e:
    pass
print(e)
