import warnings
warnings.warn("x", DeprecationWarning)
