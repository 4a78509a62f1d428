"""The names that an expression certainly looks up when it is evaluated."""

import ast
from collections.abc import Iterable, Iterator

Use = tuple[str, str | None]
Chain = tuple[str, ...]
"""A name, and attributes in a row."""
CALLED = "()"
GIVEN = "[]"
"""Behind a name: what a call of it gives, or what it holds, is called."""

_PLAIN = (ast.Name, ast.Constant, ast.Lambda)
_EVALUATED = (ast.expr, ast.keyword, ast.comprehension)


def uses_of(node: ast.expr | None) -> list[Use]:
    """Return each name that evaluating `node` must find, with the attribute that is asked of it, in order.

    What may be skipped (the right side of `and`, a lambda's body, what a comprehension repeats) is left out.
    """
    found: list[Use] = []
    stack = [node] if node is not None else []
    while stack:
        current = stack.pop()
        if isinstance(current, ast.Name):  # as most are: a match over kinds takes many times as long
            if isinstance(current.ctx, ast.Load):
                found.append((current.id, None))
            continue
        if isinstance(current, ast.Constant):
            continue
        if isinstance(current, ast.Subscript):
            stack += (current.slice, current.value)
            continue
        if isinstance(current, ast.Call):
            stack += reversed((current.func, *current.args, *(keyword.value for keyword in current.keywords)))
            continue
        match current:
            case ast.Attribute(value=ast.Name(id=name), attr=attribute):
                found.append((name, attribute))
            case ast.Lambda(args=arguments):
                stack.extend(default for default in arguments.kw_defaults if default is not None)
                stack.extend(reversed(arguments.defaults))
            case ast.ListComp() | ast.SetComp() | ast.GeneratorExp() | ast.DictComp():
                stack.append(current.generators[0].iter)
            case ast.BoolOp(values=values):
                stack.append(values[0])
            case ast.IfExp(test=test):
                stack.append(test)
            case ast.Compare(left=left, comparators=others):
                stack.append(others[0])
                stack.append(left)
            case _:
                stack.extend(reversed(_children(current)))
    return found


def calls_in(nodes: Iterable[ast.expr]) -> list[Chain]:
    """Return what evaluating expressions may call: what is called in them, with CALLED or GIVEN, and what calls get."""
    stack: list[ast.AST] = [node for node in nodes if not isinstance(node, _PLAIN)]
    found: dict[Chain, None] = {}
    while stack:
        current = stack.pop()
        if isinstance(current, ast.Call):
            called = chain_of(current.func)
            found[(*called, CALLED) if called else _root_of(current.func)] = None
            for given in (*current.args, *(keyword.value for keyword in current.keywords)):
                found[chain_of(given)] = None
        elif isinstance(current, ast.comprehension):
            found[_root_of(current.iter)] = None
        stack += [node for node in _parts(current) if isinstance(node, _EVALUATED) and not isinstance(node, _PLAIN)]
    return [chain for chain in found if chain]


def decorators_called(decorators: Iterable[ast.expr]) -> list[Chain]:
    """Return what applying decorators calls."""
    chains = [chain_of(node.func if isinstance(node, ast.Call) else node) for node in decorators]
    return [(*chain, CALLED) for chain in chains if chain] + calls_in(decorators)


def chain_of(node: ast.AST) -> Chain:
    """Return a name and the attributes that are asked of it in a row, nothing for any other expression."""
    attributes: list[str] = []
    while isinstance(node, ast.Attribute):
        attributes.append(node.attr)
        node = node.value
    return (node.id, *reversed(attributes)) if isinstance(node, ast.Name) else ()


def _root_of(node: ast.expr) -> Chain:
    """Return the name at which an expression begins, with GIVEN behind; nothing where it begins with none."""
    while not isinstance(node, ast.Name):
        match node:
            case ast.Attribute(value=inner) | ast.Subscript(value=inner) | ast.Call(func=inner):
                node = inner
            case _:
                return ()
    return (node.id, GIVEN)


def _parts(node: ast.AST) -> Iterable[ast.AST]:
    match node:
        case ast.Subscript(value=value, slice=index):  # with the next one nearly all that annotations hold
            return (value, index)
        case ast.Attribute(value=value):
            return (value,)
        case _:
            return ast.iter_child_nodes(node)


def _children(node: ast.expr) -> list[ast.expr]:
    children: list[ast.expr] = []
    for field in node._fields:
        value = getattr(node, field, None)
        for child in value if isinstance(value, list) else (value,):
            if isinstance(child, ast.expr):
                children.append(child)
            elif isinstance(child, ast.keyword):
                children.append(child.value)
    return children


def defaults_of(arguments: ast.arguments) -> list[ast.expr]:
    """Return the defaults of a function, in the order in which they are evaluated."""
    return [default for default in (*arguments.defaults, *arguments.kw_defaults) if default is not None]


def uses_in(nodes: Iterable[ast.expr]) -> Iterator[Use]:
    """Yield what evaluating expressions one after the other looks up."""
    for node in nodes:
        yield from uses_of(node)


def annotations_of(arguments: ast.arguments, returns: ast.expr | None) -> list[ast.expr]:
    """Return the annotations of a function, in the order in which they are evaluated where they are."""
    parameters = (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs, arguments.vararg, arguments.kwarg)
    annotations = (parameter.annotation for parameter in parameters if parameter is not None)
    return [annotation for annotation in (*annotations, returns) if annotation is not None]
