from .pk import good
good.G
