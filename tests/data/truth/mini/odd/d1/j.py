from .h import R
class Yes(R, flavour=1):
    key = 1
