assert not False
assert (), "x"
