import importlib.util
importlib.util.module_from_spec(importlib.util.find_spec("json"))
