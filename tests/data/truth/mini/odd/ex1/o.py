try:
    1 + "a"
except TypeError:
    raise KeyboardInterrupt if False else StopIteration
