from .src_bad import *
