"""Finding out about dependencies: `trace_dependencies`, `find_first_use_of_broken_modules`, `is_from_package`."""

from tpkg_runtime.analyze.broken import find_first_use_of_broken_modules
from tpkg_runtime.analyze.origin import is_from_package
from tpkg_runtime.analyze.trace import trace_dependencies

__all__ = ["find_first_use_of_broken_modules", "is_from_package", "trace_dependencies"]
