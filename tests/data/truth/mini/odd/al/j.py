from importlib.metadata import version
v = version("no-such-dist")
