from .u11 import *
