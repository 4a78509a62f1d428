import torch.nn as nn
class M(nn.Module):
    def forward(self, x: torch.Tensor): return x
