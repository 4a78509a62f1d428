P = 1
from c1.q import Q
