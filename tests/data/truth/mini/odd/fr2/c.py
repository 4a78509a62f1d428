from fr2.both import x
