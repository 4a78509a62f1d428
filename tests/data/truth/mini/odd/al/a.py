import importlib
m = importlib.import_module(".k", "al")
