from .. import a0
