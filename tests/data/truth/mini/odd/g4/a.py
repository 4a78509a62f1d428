import sys
if sys.version_info >= (3, 30):
    import nothere_a
elif sys.version_info[0] == 3:
    import json
else:
    import nothere_b
