try:
    from .. import x
except ImportError:
    pass
