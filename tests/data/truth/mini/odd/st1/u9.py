from .u10 import *
class K(Base): pass
