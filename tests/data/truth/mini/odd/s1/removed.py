import sys
if hasattr(sys, "_odd_seen"): raise ImportError("twice")
sys._odd_seen = True
