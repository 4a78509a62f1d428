from . import a as good
good.both
