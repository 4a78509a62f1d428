import importlib.metadata as im
try:
    v = im.version("no-such-dist")
except im.PackageNotFoundError:
    v = None
