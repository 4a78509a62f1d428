"""Whether a file can get hold of what comes from a package: by its own importer, or from modules that have one."""

from collections.abc import Iterator

from tpkg_analyzer.rule.context import FileContext, Project
from tpkg_analyzer.scan.facts import ModuleFacts
from tpkg_runtime.spec.imports import absolute_name, package_of

IMPORTER = "PackageImporter"

_DEPTH = 4


def may_hold_packaged(context: FileContext) -> bool:
    """Tell whether a file, or a module of the project that it imports directly or through others, makes importers."""
    if IMPORTER in context.words:
        return True
    loading = context.project.loading
    if not loading:
        return False
    seen: set[str] = set()
    level = list(_imported(context.facts, package_of(context.name, context.is_package)))
    for _ in range(_DEPTH):
        below: list[str] = []
        for name in level:
            if name in seen:
                continue
            seen.add(name)
            if name in loading:
                return True
            below += _imports_of(context.project, name, loading)
        level = below
    return False


def _imports_of(project: Project, name: str, loading: frozenset[str]) -> Iterator[str]:
    tops = {item.partition(".")[0] for item in loading}
    if name.partition(".")[0] not in tops and not project.is_first_party(name):
        return
    facts = project.facts(name)
    if facts is None:
        return
    # What a package's `__init__` imports relatively starts from itself.
    is_package = any(project.facts(f"{name}.{item.module}") is not None for item in facts.imports if item.level)
    yield from _imported(facts, package_of(name, is_package))


def _imported(facts: ModuleFacts, package: str) -> Iterator[str]:
    for item in facts.imports:
        try:
            base = absolute_name(item.module, package, item.level)
        except ValueError:
            continue
        yield base
        if item.name:
            yield f"{base}.{item.name}"
