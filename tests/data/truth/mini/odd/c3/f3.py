from c3 import nothing_here
