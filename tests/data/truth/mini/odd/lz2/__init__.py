import importlib
_subs = ["a", "b"]
def __getattr__(name):
    if name in _subs:
        return importlib.import_module(f"{__name__}.{name}")
    try:
        return globals()[name]
    except KeyError:
        raise AttributeError(f"no {name}")
def __dir__(): return _subs
