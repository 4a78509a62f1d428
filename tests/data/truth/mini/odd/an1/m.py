from __future__ import annotations
from dataclasses import dataclass
@dataclass
class D:
    x: Missing
    y: int = 0
