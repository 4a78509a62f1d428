"""What an import runs: the statements of a module's top level that may change what other modules hold.

Definitions and values of names are left until somebody asks for them: when they run makes hardly a difference.
"""

import ast
from collections.abc import Iterable, Iterator

from tpkg_analyzer.scan.exports.bindings import module_names
from tpkg_analyzer.scan.exports.code import SourceModule
from tpkg_analyzer.scan.exports.state import Frame, Machine, OutOfAllowanceError
from tpkg_runtime.spec.imports import absolute_name

_MOST_LINES = 40_000


def load(machine: Machine, names: Iterable[str]) -> None:
    """Import modules of the project, and what they import in turn, as far as that has not been done."""
    for source in _in_order(machine, names):
        _run(machine, source)


def imported_by(body: Iterable[ast.stmt], source: SourceModule) -> Iterator[str]:
    """Yield the modules that statements of a top level certainly import."""
    for statement in body:
        if isinstance(statement, ast.Import):
            yield from (alias.name for alias in statement.names)
        elif isinstance(statement, ast.ImportFrom) and (base := base_of(statement, source)) is not None:
            yield base


def base_of(node: ast.ImportFrom, source: SourceModule) -> str | None:
    """Return the module that `from ... import` names; None where a relative one leads out of its package."""
    try:
        return absolute_name(node.module or "", source.package, node.level)
    except ValueError:
        return None


def modules_of(node: ast.Import | ast.ImportFrom, source: SourceModule) -> list[str]:
    """Return what an import statement may import: the modules, and the names of them that may be modules."""
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    base = base_of(node, source)
    return [] if base is None else [base, *(f"{base}.{alias.name}" for alias in node.names if alias.name != "*")]


def _in_order(machine: Machine, names: Iterable[str]) -> list[SourceModule]:
    """Return the modules that are not loaded yet, each after those that it imports."""
    found: list[SourceModule] = []
    stack: list[tuple[str, SourceModule | None]] = [(name, None) for name in reversed(_with_parents(names))]
    while stack:
        name, done = stack.pop()
        if done is not None:
            found.append(done)
        elif name not in machine.loaded:
            machine.loaded.add(name)
            source = machine.code.own_module(name)
            if source is None or machine.loaded_lines > _MOST_LINES:
                continue
            machine.loaded_lines += len(source.lines)
            stack.append((name, source))
            imports = [node for node in source.tree.body if isinstance(node, ast.Import | ast.ImportFrom)]
            wanted = [module for node in imports for module in modules_of(node, source)]
            stack += [(module, None) for module in reversed(_with_parents(wanted))]
    return found


def _with_parents(names: Iterable[str]) -> list[str]:
    parts = (name.split(".") for name in names)
    return list(dict.fromkeys(".".join(part[:end]) for part in parts for end in range(1, len(part) + 1)))


def _run(machine: Machine, source: SourceModule) -> None:
    frame = Frame(source, module_names(machine, source.name))
    around, level, steps = machine.running.get(source.name), machine.level, machine.steps_left
    try:
        with machine.allowance(machine.load_steps_left):
            for statement in source.tree.body:
                if id(statement) in machine.finished or not _reaches_out(machine, statement, source):
                    continue
                machine.finished.add(id(statement))
                machine.running[source.name] = statement
                if machine.run(machine, [statement], frame) is not None:
                    break
    except OutOfAllowanceError:
        pass  # the rest is run by name, as far as it is asked for
    finally:
        machine.load_steps_left -= steps - machine.steps_left
        machine.steps_left = steps
        del machine.conditions[level:]
        machine.running.pop(source.name, None)
        if around is not None:
            machine.running[source.name] = around


def _reaches_out(machine: Machine, node: ast.AST, source: SourceModule) -> bool:
    """Tell whether a statement may do more than give names of its module a value."""
    match node:
        case ast.FunctionDef(decorator_list=decorators) | ast.AsyncFunctionDef(decorator_list=decorators):
            return bool(decorators)
        case ast.ClassDef(decorator_list=decorators):
            return bool(decorators)
        case ast.Import() | ast.ImportFrom():
            return any(machine.code.own_module(name) is not None for name in modules_of(node, source))
        case ast.Assign(targets=targets):
            return not all(isinstance(target, ast.Name | ast.Tuple) for target in targets)
        case ast.AnnAssign(target=target):
            return not isinstance(target, ast.Name)
        case ast.Expr(value=value):
            return isinstance(value, ast.Call)
        case ast.stmt() if hasattr(node, "body"):
            inner = (item for item in ast.iter_child_nodes(node) if not isinstance(item, ast.expr))
            return any(_reaches_out(machine, item, source) for item in inner)
        case ast.ExceptHandler() | ast.match_case():
            return any(_reaches_out(machine, item, source) for item in node.body)
        case _:
            return isinstance(node, ast.AugAssign | ast.Delete)
