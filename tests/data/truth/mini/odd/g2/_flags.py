import importlib.util
def has(name):
    return importlib.util.find_spec(name) is not None
def has_dotted(name):
    try:
        return importlib.util.find_spec(name) is not None
    except ModuleNotFoundError:
        return False
HAS_A = has("nothere_a")
HAS_J = has("json")
