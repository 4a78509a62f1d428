import c1.r
S = c1.r.R
