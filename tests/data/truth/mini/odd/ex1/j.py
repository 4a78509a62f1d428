import logging
logging.getLogger(__name__).warning("x %s", nothing if False else 1)
