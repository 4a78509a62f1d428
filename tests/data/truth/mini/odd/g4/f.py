import sys
if sys.platform in ("win32", "cygwin"):
    import winreg
else:
    winreg = None
class K(object if winreg is None else winreg.X): pass
