from .x import missing_later
Y = 1
