"""Sinusoidal position encodings."""

import numpy as np
import torch
from torch import Tensor

_TABLES: dict[tuple[int, int], Tensor] = {}


def position_table(length: int, width: int) -> Tensor:
    """The encodings of the first `length` positions, of shape (length, width)."""
    key = (length, width)
    if key not in _TABLES:
        positions = np.arange(length)[:, None]
        rates = np.power(10_000.0, -np.arange(0, width, 2) / width)
        angles = positions * rates
        table = np.stack([np.sin(angles), np.cos(angles)], axis=-1).reshape(length, width)
        _TABLES[key] = torch.from_numpy(table.astype(np.float32))
    return _TABLES[key]
