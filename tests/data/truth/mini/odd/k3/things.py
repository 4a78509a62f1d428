from k3.other import x
class Red: pass
