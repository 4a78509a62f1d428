import sys
from . import real
sys.modules[__name__.rpartition(".")[0] + ".aliased"] = real
sys.modules["s1.aliased.inner"] = real
