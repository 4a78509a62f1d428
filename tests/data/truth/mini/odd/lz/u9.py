import lz.pk
lz.pk.free
