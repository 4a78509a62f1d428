"""Guards around imports: what says that an import may fail, or that it never runs."""

import ast

_CAUGHT_BY = frozenset({"ImportError", "ModuleNotFoundError", "Exception", "BaseException"})


def is_type_checking(test: ast.expr) -> bool:
    """Tell whether the test of an `if` is `TYPE_CHECKING`, from whichever module."""
    match test:
        case ast.Name(id="TYPE_CHECKING") | ast.Attribute(attr="TYPE_CHECKING"):
            return True
        case _:
            return False


def catches_import_error(node: ast.AST) -> bool:
    """Tell whether a `try` has a handler that an ImportError reaches."""
    handlers: list[ast.ExceptHandler] = getattr(node, "handlers", [])
    return any(handler.type is None or names_import_error(handler.type) for handler in handlers)


def suppresses_import_error(node: ast.With) -> bool:
    """Tell whether a `with` is `contextlib.suppress` of ImportError or of one of its bases."""
    for item in node.items:
        call = item.context_expr
        if not isinstance(call, ast.Call):
            continue
        match call.func:
            case ast.Name(id="suppress") | ast.Attribute(attr="suppress"):
                if any(names_import_error(argument) for argument in call.args):
                    return True
    return False


def names_import_error(expression: ast.expr) -> bool:
    """Tell whether an exception expression includes ImportError; a tuple does if one of its members does."""
    match expression:
        case ast.Tuple(elts=members):
            return any(names_import_error(member) for member in members)
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name in _CAUGHT_BY
        case _:
            return False
