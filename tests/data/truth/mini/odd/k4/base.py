class Mixin: pass
