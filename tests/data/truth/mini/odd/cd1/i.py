def f():
    global made
    made = 1
f()
made
