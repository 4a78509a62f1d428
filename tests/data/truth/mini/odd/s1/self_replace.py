import sys, types
m = types.ModuleType(__name__)
m.thing2 = 1
m.__file__ = __file__
sys.modules[__name__] = m
