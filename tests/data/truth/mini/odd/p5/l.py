from p5.k import x
