from .src_all import *
one, _two
