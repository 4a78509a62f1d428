from ..a0 import x
from .. import sub
from . import e
