from ._mid import HAS_J
X = 1 if HAS_J else nothere_name
