from os.path import *
join
from math import *
x = pi
