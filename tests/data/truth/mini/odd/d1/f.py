class M(type):
    def __new__(m, n, b, d):
        if n == "Bad": raise TypeError("bad")
        return super().__new__(m, n, b, d)
class Good(metaclass=M): pass
