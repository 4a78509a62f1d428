try:
    from .d import nothing
except ModuleNotFoundError:
    nothing = None
