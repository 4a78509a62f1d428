import fb.p.ok
import fb.flip
import nothere_a
