"""Names of packaged modules: `<torch_package_N>.a.b` is the module `a.b` of the N-th importer of the process."""

import re

_PREFIX = re.compile(r"<torch_package_\d+>")


def is_mangled(name: str) -> bool:
    """Tell whether `name` belongs to a packaged module."""
    return _PREFIX.match(name) is not None


def demangle(name: str) -> str:
    """Take off the prefix of whichever importer; a bare prefix gives the empty string."""
    return name.partition(".")[2] if is_mangled(name) else name


def get_mangle_prefix(name: str) -> str:
    """Return `<torch_package_N>` of a mangled name, and any other name as it is."""
    return name.partition(".")[0] if is_mangled(name) else name
