def f():
    z: Nope = 1
