import sh1.other
sh1.other.x
sh1.gone.x
