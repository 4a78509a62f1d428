import sys
if "%d.%d" % sys.version_info[:2] < "3.2": raise ImportError
if sys.hexversion < 0x03000000: raise ImportError
