import p6.a
import p6.c
