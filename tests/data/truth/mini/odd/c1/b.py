from c1.a import A
B = 1
