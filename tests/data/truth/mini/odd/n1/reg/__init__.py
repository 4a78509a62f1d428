import n1.ns.leaf
from n1.ns import leaf
