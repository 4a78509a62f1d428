import sys
if sys.version_info > (3, 0):
    def f(): pass
else:
    def g(): pass
try:
    import nothere_a
except ImportError:
    pass
else:
    def h(): pass
for i in range(2):
    if i == 1:
        loopname = i
del i
x = 1
del x
