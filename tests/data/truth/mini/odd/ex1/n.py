try:
    raise ValueError
except TypeError or ValueError:
    pass
