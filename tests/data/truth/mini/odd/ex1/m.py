from .d import MyErr
try:
    import json
    raise MyErr()
except json.JSONDecodeError:
    pass
