from sh1 import core
from sh1.core import Inner
