"""Edits that mend a call on an exporter, made from its syntax; none where the code leaves a doubt."""

import ast
import re
from collections.abc import Iterator, Sequence

from tpkg_analyzer.model.diagnostic import Edit
from tpkg_analyzer.model.package import Place
from tpkg_analyzer.scan.exports.code import SourceModule
from tpkg_analyzer.scan.exports.state import Site
from tpkg_runtime.spec.source import Span

Edits = tuple[Edit, ...]

_HOMES = ("torch.package", "tpkg_runtime")


def argument_node(site: Site, position: int, keyword: str) -> ast.expr | None:
    """Return the expression of an argument of a call, given by position or by name."""
    if not isinstance(site.node, ast.Call):
        return None
    if position < len(site.node.args):
        return site.node.args[position]
    return next((item.value for item in site.node.keywords if item.arg == keyword), None)


def enclosing(site: Site) -> tuple[str, ...]:
    """Return the names of the functions and classes around a site, joined from outside, and an empty one."""
    names = [""]
    body: list[ast.stmt] = site.module.tree.body
    line = getattr(site.node, "lineno", 0)
    while True:
        around = next(
            (
                item
                for item in body
                if isinstance(item, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
                and item.lineno <= line <= (item.end_lineno or 0)
            ),
            None,
        )
        if around is None:
            return tuple(names)
        names.append(f"{names[-1]}.{around.name}".lstrip("."))
        body = around.body


def without_keyword(site: Site, keyword: str) -> Edits:
    """Take an argument out of a call."""
    if not isinstance(site.node, ast.Call):
        return ()
    listed: list[ast.AST] = [*site.node.args, *site.node.keywords]
    found = next((item for item in site.node.keywords if item.arg == keyword), None)
    return _without(site.module, listed, found) if found is not None else ()


def exchanged(site: Site) -> Edits:
    """Give the file first and the importer second."""
    first, second = argument_node(site, 0, ""), argument_node(site, 1, "importer")
    return _exchanged(site.module, first, second) if first is not None and second is not None else ()


def gathered(site: Site) -> Edits:
    """Put the patterns of an action into a list, if all of them are texts."""
    given = site.node.args if isinstance(site.node, ast.Call) else []
    if not all(isinstance(item, ast.Constant) and isinstance(item.value, str) for item in given):
        return ()
    first, last = _start(site.module.span(given[0])), _end(site.module.span(given[-1]))
    path = site.module.path
    return Edit(path, Span(*first, *first), "["), Edit(path, Span(*last, *last), "]")


def without_importer(site: Site, index: int) -> Edits:
    """Take one importer out of those that an exporter is given, or the argument away if there is no other."""
    given = argument_node(site, 1, "importer")
    if isinstance(given, ast.Call):
        return ()  # an OrderedImporter, which has others
    if not isinstance(given, ast.Tuple | ast.List):
        return without_keyword(site, "importer")
    return _without(site.module, given.elts, given.elts[index]) if len(given.elts) > 1 else ()


def importer_place(site: Site, index: int) -> Place | None:
    """Return where one of the importers stands."""
    given = argument_node(site, 1, "importer")
    if isinstance(given, ast.Tuple | ast.List) and index < len(given.elts):
        return site.module.place(given.elts[index])
    return site.module.place(given) if given is not None else None


def reordered(site: Site, system: int, packaged: int) -> Edits:
    """Put the importer of a package before that of the host."""
    given = argument_node(site, 1, "importer")
    if not isinstance(given, ast.Tuple | ast.List) or max(system, packaged) >= len(given.elts):
        return ()
    return _exchanged(site.module, given.elts[system], given.elts[packaged])


def kept_alive(site: Site, created: Site, kind: str) -> Edits:
    """Give what a save gets a name that lives longer than the exporter: not in a loop, nor in another function."""
    module, saved = site.module, argument_node(site, 2, "obj")
    if saved is None or created.module is not module or enclosing(created) != enclosing(site):
        return ()
    line = getattr(site.node, "lineno", 0)
    loops = (item for item in ast.walk(module.tree) if isinstance(item, ast.For | ast.AsyncFor | ast.While))
    if any(loop.lineno <= line <= (loop.end_lineno or 0) for loop in loops):
        return ()
    name = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", kind.rpartition(".")[2]).lower()
    if any(name in (getattr(item, "id", ""), getattr(item, "arg", "")) for item in ast.walk(module.tree)):
        name = f"saved_{name}"
    span = module.span(site.node)
    start, indent = Span(span.line, span.column, span.line, span.column), " " * (span.column - 1)
    text = _text(module, saved)
    bound = Edit(module.path, start, f"{name} = {text}\n{indent}")
    return bound, Edit(module.path, module.span(saved), name)


def with_importer(created: Site, importer: Place | None) -> Edits:
    """Give an exporter the importer that an object comes from, and that of the host behind it."""
    call, module = created.node, created.module
    name = _name_of(created, importer) if importer is not None else None
    if name is None or not isinstance(call, ast.Call) or any(item.arg is None for item in call.keywords):
        return ()
    if any(isinstance(item, ast.Starred) for item in call.args) or not call.args:
        return ()
    system = _system(module, call.func)
    if system is None:
        return ()
    word, imported = system
    given = argument_node(created, 1, "importer")
    if given is None:
        last = max(_end(module.span(item)) for item in (*call.args, *call.keywords))
        at = Span(*last, *last)
        return (Edit(module.path, at, f", importer=({name}, {word})"), *imported)
    if isinstance(given, ast.Tuple | ast.List) and given.elts:
        span = module.span(given.elts[0])
        return (Edit(module.path, Span(span.line, span.column, span.line, span.column), f"{name}, "),)
    text = _text(module, given)
    if text != word or isinstance(given, ast.Tuple | ast.List):
        return ()
    return (Edit(module.path, module.span(given), f"({name}, {text})"),)


def _name_of(created: Site, importer: Place) -> str | None:
    """Return the name of an importer that is bound once, before the exporter is made and in its reach."""
    module = created.module
    if importer.path != module.path:
        return None
    names = [
        (item.targets[0].id, item)
        for item in ast.walk(module.tree)
        if isinstance(item, ast.Assign) and len(item.targets) == 1 and isinstance(item.targets[0], ast.Name)
        if module.span(item.value) == importer.span
    ]
    if len(names) != 1:
        return None
    name, statement = names[0]
    stored = [item for item in ast.walk(module.tree) if isinstance(item, ast.Name) and item.id == name]
    around, line = enclosing(Site(module, statement))[-1], getattr(created.node, "lineno", 0)
    is_once = sum(isinstance(item.ctx, ast.Store) for item in stored) == 1
    is_in_reach = around in ("", enclosing(created)[-1]) and statement.lineno < line
    return name if is_once and is_in_reach else None


def _system(module: SourceModule, function: ast.expr) -> tuple[str, Edits] | None:
    """Return how the code names the importer of the host, and what has to be imported for that."""
    if isinstance(function, ast.Attribute):
        return f"{ast.unparse(function.value)}.sys_importer", ()
    for statement in module.tree.body:
        if not isinstance(statement, ast.ImportFrom) or statement.module not in _HOMES:
            continue
        for alias in statement.names:
            if alias.name == "sys_importer":
                return alias.asname or alias.name, ()
        if any(
            isinstance(function, ast.Name) and (item.asname or item.name) == function.id for item in statement.names
        ):
            end = _end(module.span(statement.names[-1]))
            return "sys_importer", (Edit(module.path, Span(*end, *end), ", sys_importer"),)
    return None


def _without(module: SourceModule, listed: Sequence[ast.AST], gone: ast.AST) -> Edits:
    spans = sorted((module.span(item) for item in listed), key=_start)
    span = module.span(gone)
    index = spans.index(span)
    if index + 1 < len(spans):
        between, whole = (_end(span), _start(spans[index + 1])), (_start(span), _start(spans[index + 1]))
    elif index:
        between, whole = (_end(spans[index - 1]), _start(span)), (_end(spans[index - 1]), _end(span))
    else:
        return (Edit(module.path, span, ""),)
    if "".join(_lines(module, Span(*between[0], *between[1]))).strip() != ",":
        return ()  # a comment, or brackets that belong to an item
    return (Edit(module.path, Span(*whole[0], *whole[1]), ""),)


def _exchanged(module: SourceModule, first: ast.AST, second: ast.AST) -> Edits:
    return (
        Edit(module.path, module.span(first), _text(module, second)),
        Edit(module.path, module.span(second), _text(module, first)),
    )


def _start(span: Span) -> tuple[int, int]:
    return span.line, span.column


def _end(span: Span) -> tuple[int, int]:
    return span.end_line, span.end_column


def _text(module: SourceModule, node: ast.AST) -> str:
    return "\n".join(_lines(module, module.span(node)))


def _lines(module: SourceModule, span: Span) -> Iterator[str]:
    for number in range(span.line, span.end_line + 1):
        line = module.lines[number - 1]
        last = span.end_column - 1 if number == span.end_line else len(line)
        yield line[span.column - 1 if number == span.line else 0 : last]
