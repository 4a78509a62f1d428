class M: pass
