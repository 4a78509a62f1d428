import sys
PY3 = sys.version_info.major == 3
PY2 = not PY3
if PY2: import nothere_a
text = str if PY3 else unicode
