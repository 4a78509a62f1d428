"""What to do about broken modules: by which imports each came in, and the lines that would settle them."""

import sys
from collections.abc import Iterator
from itertools import pairwise

from tpkg_runtime.exporter.environment import ImportedEnvironment
from tpkg_runtime.spec.reasons import PackagingErrorReason as Reason
from tpkg_runtime.spec.walk import DependencyWalk


def report(walk: DependencyWalk, environment: ImportedEnvironment) -> str:
    """Return the text for all broken modules of a walk."""
    lines, pasteable = [], dict[str, None]()
    for module, reason in walk.errors().items():
        lines.append(f"{module}: {reason.value}")
        lines += [f"    {step}" for step in _chain(walk, module)]
        advice, line = _advice(module, reason, environment)
        lines.append(f"    {advice}" if line is None else f"    {advice}: {line}")
        if line is not None:
            pasteable[line] = None
    if pasteable:
        lines += ["", "To settle this, put before all other patterns of the export:", *pasteable]
    return "\n".join(lines)


def _chain(walk: DependencyWalk, module: str) -> Iterator[str]:
    path = walk.graph.first_path(module)
    for source, target in pairwise(path):
        reference = walk.references.get((source, target))
        if reference is None:
            yield f"{source} needs {target}"
        else:
            place = walk.graph.nodes[source].get("path") or source
            yield f"{source} imports {target} ({place}:{reference.origin.span.line})"


def _advice(module: str, reason: Reason, environment: ImportedEnvironment) -> tuple[str, str | None]:
    """Return a sentence and, where one would settle the module, a line of code."""
    top = module.partition(".")[0]
    outside = f'exporter.extern("{top}.**")'
    match reason:
        case Reason.NO_ACTION if _is_own(top, environment):
            return "it is part of the project", f'exporter.intern("{top}.**")'
        case Reason.NO_ACTION:
            return "it is not part of the project", outside
        case Reason.IS_EXTENSION_MODULE:
            return "compiled code cannot go into a package", outside
        case Reason.NO_DUNDER_FILE if module == "__main__":
            return "move what is saved from the script or notebook to a module of its own", None
        case Reason.NO_DUNDER_FILE if environment.exists(module) and hasattr(environment.load(module), "__path__"):
            return "it is a namespace package, without code", f'exporter.save_source_string("{module}", "", True)'
        case Reason.NO_DUNDER_FILE | Reason.SOURCE_FILE_NOT_FOUND:
            return "it has no source", outside
        case Reason.MOCKED_BUT_STILL_USED:
            return "an object that is saved needs it", f'exporter.intern("{module}")'
        case Reason.DENIED:
            return "a pattern denies it; remove the import", None
        case Reason.DEPENDENCY_RESOLUTION_FAILED:
            return "its imports cannot be read; mend its source, or save it with dependencies=False", None


def _is_own(top: str, environment: ImportedEnvironment) -> bool:
    """Tell whether a top-level module is source code that was not installed."""
    if top in sys.stdlib_module_names or not environment.exists(top):
        return False
    loaded = environment.load(top)
    places = [getattr(loaded, "__file__", None) or "", *getattr(loaded, "__path__", [])]
    if any("site-packages" in place or "dist-packages" in place for place in places):
        return False
    return any(place.endswith(".py") or not place.rpartition("/")[2].count(".") for place in places if place)
