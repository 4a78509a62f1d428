try:
    import json
except ImportError:
    json = None
else:
    import nothere_r
