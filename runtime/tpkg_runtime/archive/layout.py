"""Names of the framework's records; whatever is not in `.data/` belongs to the user."""

import os.path

EXTERN_MODULES = ".data/extern_modules"
PYTHON_VERSION = ".data/python_version"
VERSION = ".data/version"
SERIALIZATION_ID = ".data/serialization_id"
BYTEORDER = "byteorder"
EXTERN_VERSIONS = ".data/extern_versions"
"""Ours alone: the versions of the external distributions, as JSON. torch.package passes it over."""
ANCESTORS = ".data/ancestors"
"""Ours alone: the packages, a line each, that are there only because a packaged module lies below them."""
BESIDE = ".data/beside/"
"""Ours alone: the folder of the sources that such packages need and nothing else does. torch.package passes it over."""
EXTERN_BESIDE = ".data/extern_beside"
"""Ours alone: the modules that the sources there take from the environment, a line each."""
METADATA = ".data/metadata/"
"""Ours alone: the folder of saved `importlib.metadata`."""

FORMAT_VERSION = 6
"""The version that packages are written with; TorchScript modules in them may ask for a later one."""


def storage_record(key: str | int) -> str:
    """Return the record that holds the bytes of a tensor storage."""
    return f".data/{key}.storage"


def source_record(module: str, is_package: bool) -> str:
    """Return the record that holds the source of a module."""
    return module.replace(".", "/") + ("/__init__.py" if is_package else ".py")


def resource_record(package: str, resource: str) -> str:
    """Return the record of a resource. Raises ValueError where `resource` is more than a file name."""
    if os.path.split(resource)[0]:
        raise ValueError(f"{resource!r} must be only a file name")
    return f"{package.replace('.', '/')}/{resource}"


def is_framework(record: str) -> bool:
    """Tell whether a record belongs to the framework."""
    return record == BYTEORDER or record.startswith(".data/")
