"""Sinusoidal position encodings."""

import numpy as np
import torch
from torch import Tensor


def position_table(length: int, width: int) -> Tensor:
    """The encodings of the first `length` positions, of shape (length, width)."""
    positions = np.arange(length)[:, None]
    rates = np.power(10_000.0, -np.arange(0, width, 2) / width)
    angles = positions * rates
    table = np.stack([np.sin(angles), np.cos(angles)], axis=-1).reshape(length, width)
    return torch.from_numpy(table.astype(np.float32))
