import importlib, types, sys
class LazyModule(types.ModuleType):
    def __init__(self, name, file, structure):
        super().__init__(name)
        self.__file__ = file
        self._map = {v: k for k, vs in structure.items() for v in vs}
        self._mods = set(structure)
        self.__path__ = [file.rsplit("/", 1)[0]]
        self.__all__ = list(self._map)
    def __getattr__(self, name):
        if name in self._mods:
            return importlib.import_module("." + name, self.__name__)
        if name in self._map:
            return getattr(importlib.import_module("." + self._map[name], self.__name__), name)
        raise AttributeError(name)
