from dl import b
del b
import dl
dl.b
