"""Whether an object comes from a package."""

from types import ModuleType
from typing import Any

from tpkg_runtime.spec.mangling import is_mangled


def is_from_package(obj: Any) -> bool:
    """Tell whether a module, or the class of any other object, was loaded from a package.

    What a package takes from its extern modules and the standard library is not from the package.
    """
    return is_mangled(obj.__name__ if type(obj) is ModuleType else type(obj).__module__)
