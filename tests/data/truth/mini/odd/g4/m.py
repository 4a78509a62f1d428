if False: import nothere_a
if 0: import nothere_b
while 0: import nothere_c
if __debug__: import json
if __name__ == "__main__": import nothere_d
