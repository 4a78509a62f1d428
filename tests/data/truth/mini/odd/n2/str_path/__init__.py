__path__ += [__path__[0] + "/inner"]
