import c3
c3.lazy_c
c3.lazy_d
