try:
    from .e import x
except ImportError:
    from .d import MyErr as x
