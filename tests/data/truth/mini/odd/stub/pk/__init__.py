from .only_stub import x
