import p4.d
import nothere_a
