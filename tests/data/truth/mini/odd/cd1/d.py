from ._impl import loopname
