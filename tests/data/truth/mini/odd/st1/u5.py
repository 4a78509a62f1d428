from .pk2 import *
