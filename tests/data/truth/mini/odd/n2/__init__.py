__path__ = __import__("pkgutil").extend_path(__path__, __name__)
import os
__path__.append(os.path.join(os.path.dirname(__file__), "more"))
