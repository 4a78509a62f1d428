__path__.clear()
