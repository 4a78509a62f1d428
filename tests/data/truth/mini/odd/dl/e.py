from dl import b
b.x
