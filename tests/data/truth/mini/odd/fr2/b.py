import fr2.both
