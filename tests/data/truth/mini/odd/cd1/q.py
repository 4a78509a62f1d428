import sys
setattr(sys.modules[__name__], "zed", 1)
zed
