from .core import core
from .tool import tool as tool
name = "attr"
gone = 1
del gone
