from .core import nothing
