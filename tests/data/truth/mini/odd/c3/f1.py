from c3 import lazy_b
