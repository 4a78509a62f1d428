try:
    from .nothing import y
except ImportError:
    y = None
