"""The table of the configuration that says what is not known of an export."""

import json
from collections.abc import Iterable, Iterator

from tpkg_analyzer.model.package import ActionCall, Package, RootKind
from tpkg_analyzer.rule.context import Project
from tpkg_runtime.spec.actions import Action


def settling_table(package: Package, project: Project) -> str:
    """Return a table that settles `package`: what the code tells for certain, and a line for what it does not.

    For a package that is configured already these are the keys that its table lacks.
    """
    hidden = [item for item in package.unknown if not item.is_root]
    roots = [item for item in package.unknown if item.is_root]
    lines: list[str] = []
    if package.configured is None:
        lines += [f"[[{project.tables}package]]", f"name = {_quoted(package.name)}"]
        lines += [f"at = {_quoted(package.at)}"] if package.at else []
    if hidden:
        lines += ["actions = [", *(f"  {row}" for row in _actions(package, project)), "]"]
        lines[-2] += f"  # and what {_named(hidden[0].expression)} decides"
    if roots:
        lines.append(_root(package, project, _named(roots[0].expression)))
    return "\n".join(lines)


def _actions(package: Package, project: Project) -> Iterator[str]:
    known = [call for call in package.actions if call.include]
    for call in known:
        yield f"{'' if call.is_certain else '# '}{_entry(call)},"
    if not any(call.action is Action.INTERN and call.is_certain for call in known):
        for top in _interned(package, project):
            yield f"{{ intern = {_quoted(f'{top}.**')} }},"


def _entry(call: ActionCall) -> str:
    keys = [f"{call.action.value} = {_patterns(call.include)}"]
    keys += [f"exclude = {_patterns(call.exclude)}"] if call.exclude else []
    keys += [] if call.allow_empty else ["allow-empty = false"]
    return f"{{ {', '.join(keys)} }}"


def _patterns(patterns: tuple[str, ...]) -> str:
    return _quoted(patterns[0]) if len(patterns) == 1 else _listed(patterns)


def _interned(package: Package, project: Project) -> list[str]:
    saved = [name for root in package.roots for name in (root.module, *(module for module, _ in root.globals))]
    names = [name for name in saved if project.is_first_party(name)]
    names = names or [module for module, _ in _imported(package, project)] or ["your_package"]
    return list(dict.fromkeys(name.partition(".")[0] for name in names))


def _root(package: Package, project: Project, unknown: str) -> str:
    doubtful = [root for root in package.roots if not root.is_certain]
    pairs = dict.fromkeys(pair for root in doubtful for pair in root.certain_globals)
    classes = [f"{module}:{name}" for module, name in pairs if project.is_first_party(module)]
    if classes:
        return f"objects = {_listed(classes)}  # and the classes that {unknown} brings"
    sources = [root.module for root in doubtful if root.kind is RootKind.SOURCE]
    if sources:
        return f"modules = {_listed(dict.fromkeys(sources))}  # with the text of their files, whatever {unknown} is"
    imported = list(_imported(package, project))
    named = next((f"{module}:{name}" for module, name in imported if name and name[0].isupper()), None)
    if named is None and imported:
        return f"modules = {_listed([imported[0][0]])}  # what {unknown} is"
    return f"objects = {_listed([named or 'your_package.model:Model'])}  # what {unknown} is"


def _imported(package: Package, project: Project) -> Iterable[tuple[str, str | None]]:
    """Return what the exporting module has from modules of the project."""
    facts = project.facts(package.module) if package.module else None
    for item in facts.imports if facts is not None else ():
        if not item.level and item.module != package.module and project.is_first_party(item.module):
            yield item.module, item.name


def _listed(texts: Iterable[str]) -> str:
    return f"[{', '.join(map(_quoted, texts))}]"


def _named(expression: str) -> str:
    return f"`{' '.join(expression.split())}`"


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
