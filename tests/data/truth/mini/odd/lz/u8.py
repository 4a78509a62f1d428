import lz.pk
lz.pk.G
