__package__ = "json"
from .decoder import JSONDecoder
