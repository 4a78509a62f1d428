class E: pass
