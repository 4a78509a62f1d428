try:
    from .d import nothing
except ImportError:
    nothing = None
nothing.attr
