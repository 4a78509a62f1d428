from . import other
from .other import x
