try:
    from torch.nothing import x
except ImportError:
    x = None
if x is None: raise ImportError("x")
