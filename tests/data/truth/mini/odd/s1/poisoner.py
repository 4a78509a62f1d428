import sys
sys.modules["s1.poisoned"] = None
