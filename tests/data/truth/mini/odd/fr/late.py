from fr import value
from fr import both
