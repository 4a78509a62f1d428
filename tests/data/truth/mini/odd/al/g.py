import importlib
importlib.reload(__import__("json"))
