import sys
if not sys.platform.startswith("linux"):
    raise ImportError("linux only")
