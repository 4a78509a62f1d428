from .nothing import y
