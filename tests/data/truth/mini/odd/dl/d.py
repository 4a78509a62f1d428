import dl.b
