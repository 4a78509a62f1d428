from .src_dyn import *
