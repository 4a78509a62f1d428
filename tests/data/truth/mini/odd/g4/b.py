import sys
if sys.version_info < (3,):
    unicode
else:
    unicode = str
x = unicode
