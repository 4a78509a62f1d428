import sys
from .._lazy import LazyModule
_structure = {"good": ["G"], "bad": ["B"], "lie": ["L"]}
sys.modules[__name__] = LazyModule(__name__, __file__, _structure)
