def __getattr__(name):
    import importlib
    if name in ("lazy_a", "lazy_b"):
        return importlib.import_module("." + name, __name__)
    raise AttributeError(name)
