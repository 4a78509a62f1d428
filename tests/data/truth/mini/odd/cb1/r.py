"abc".nothing
