import torch.distributed as dist
if dist.is_available(): import json
