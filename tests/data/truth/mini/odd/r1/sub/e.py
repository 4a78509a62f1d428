from ..a0 import y
