from .pk import G
