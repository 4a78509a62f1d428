from . import _mid
if _mid.HAS_A or nothere_name: pass
