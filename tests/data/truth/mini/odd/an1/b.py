from __future__ import annotations
def f(x: Missing) -> Other: pass
y: Nope = 1
class K:
    z: Nope
