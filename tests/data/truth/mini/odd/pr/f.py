from abc import ABC, abstractmethod
class I(ABC):
    @abstractmethod
    def f(self): ...
class J(I): pass
J
