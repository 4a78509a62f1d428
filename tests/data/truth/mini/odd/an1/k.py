from typing import Union
X = Union["A", None]
Y = dict[str, "B"]
