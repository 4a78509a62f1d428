from sh1 import gone
