import p1.b.good
import p1.b.bad
import p1.c.x
import p1.a.z
import json, os
