from packaging.version import Version
import torch
if Version(torch.__version__) < Version("1.0"): import nothere_a
