from sh1 import name
