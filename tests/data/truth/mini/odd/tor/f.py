import torch
if hasattr(torch, "compile"): import json
else: import nothere_a
