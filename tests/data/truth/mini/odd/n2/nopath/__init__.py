del __path__
