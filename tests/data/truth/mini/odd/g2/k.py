import importlib
try:
    importlib.import_module("nothere_a")
except ImportError:
    HAVE = False
else:
    HAVE = True
class P:
    if HAVE:
        x = 1
    else:
        raise NotImplementedError
