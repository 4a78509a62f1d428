import pkgutil
for _, n, _ in pkgutil.iter_modules(__import__("al").__path__):
    pass
assert n
