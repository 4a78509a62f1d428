import vend_r
