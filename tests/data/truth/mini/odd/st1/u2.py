from .src_all import *
three
