class K:
    z: Nope
