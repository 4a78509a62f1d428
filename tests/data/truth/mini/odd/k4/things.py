import torch
from k4.base import Mixin
class Lin(Mixin, torch.nn.Linear):
    def __init__(self): super().__init__(1, 1)
