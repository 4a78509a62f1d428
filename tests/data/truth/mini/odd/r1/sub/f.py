from .e import *
