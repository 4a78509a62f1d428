from . import x
from .y import Y
