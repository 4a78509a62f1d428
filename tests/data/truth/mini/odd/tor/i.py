import torch
@torch.jit.script
def f(x: torch.Tensor): return x + 1
