import torch
@torch.no_grad()
def f(x: torch.Tensor): return x
x = torch.zeros(3)
assert x.shape == (3,)
