import importlib
import other

mood = "😀"; reader = importlib.import_module("other")


def load():
    return other.LIMIT
