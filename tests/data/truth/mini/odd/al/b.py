import importlib
m = importlib.import_module("al.nothere")
