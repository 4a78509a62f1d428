import collections
collections.abc.Mapping
import importlib
importlib.util.find_spec
