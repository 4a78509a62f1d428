import dl.b
del dl.b
dl.b
