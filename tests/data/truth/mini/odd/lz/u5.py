from .pk import free
