from sh1.core.core import x
