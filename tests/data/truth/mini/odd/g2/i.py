from . import _mid
if _mid.HAS_A and nothere_name: pass
