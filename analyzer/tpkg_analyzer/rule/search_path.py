"""Code of an export that puts folders on `sys.path`: what is in them, the analyzer does not find by itself."""

import re

from tpkg_analyzer.model.package import Package
from tpkg_analyzer.rule.context import Project

_CHANGES = re.compile(
    r"\bsys\.path(\.(append|insert|extend)\(|\[[^]]*\]\s*=|\s*\+?=(?!=))|\b(syspath_prepend|addsitedir)\("
)


def search_path_change(project: Project, package: Package) -> tuple[str, int] | None:
    """Return the file and the line of the first change in the code that makes the export and what that has imported."""
    for name in dict.fromkeys([package.module, *(module for module, _ in package.imported)]):
        module = project.module(name) if name and project.is_first_party(name) else None
        if module is None:
            continue
        for number, line in enumerate(module.source.splitlines(), 1):
            if not line.lstrip().startswith("#") and _CHANGES.search(line):
                return module.path.name, number
    return None
