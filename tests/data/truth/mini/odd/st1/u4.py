from .pk import *
sub, other
