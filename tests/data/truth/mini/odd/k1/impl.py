def rebuild(n): return n
