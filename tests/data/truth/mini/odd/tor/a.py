import torch
if torch.cuda.is_available(): import nothere_a
