import typing
if typing.TYPE_CHECKING: import nothere_a
from typing import TYPE_CHECKING as T
if T: import nothere_b
if not T: import json
