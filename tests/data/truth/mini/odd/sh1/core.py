def core(): pass
class Inner: pass
