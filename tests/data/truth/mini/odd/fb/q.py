import fb.p.ok
