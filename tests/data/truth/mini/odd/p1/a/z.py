import p1
