import sys
if sys.byteorder == "big": raise ImportError
if sys.maxsize <= 2**32: raise ImportError
if sys.implementation.name != "cpython": raise ImportError
