"""Expressions written down as terms: nested lists that a cache can keep and the evaluator can read.

A term is a list that starts with its kind; `UNKNOWN_TERM` stands for whatever is not worth a look. Nothing is
evaluated here.
"""

import ast
import re
from typing import Any

Term = list[Any]

UNKNOWN_TERM: Term = ["?"]

FAILING = frozenset({"call", "attribute", "item", "unary", "binary", "compare"})
"""The kinds of terms that may raise something by themselves."""

_LONGEST_TEXT = 400
_SURROGATE = re.compile("[\ud800-\udfff]")  # no cache can keep one
_LONGEST_LITERAL = 200
_ASK_UNTIL = frozenset({"any", "all", "next"})
"""Functions that do not ask for all values of the generator that they are given."""
_OPERATORS: dict[type[ast.AST], str] = {
    ast.Add: "+",
    ast.Sub: "-",
    ast.Mult: "*",
    ast.Div: "/",
    ast.FloorDiv: "//",
    ast.Mod: "%",
    ast.BitOr: "|",
    ast.BitAnd: "&",
    ast.Eq: "==",
    ast.NotEq: "!=",
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
    ast.Is: "is",
    ast.IsNot: "is not",
    ast.In: "in",
    ast.NotIn: "not in",
    ast.Not: "not",
    ast.USub: "neg",
    ast.UAdd: "pos",
}


def operator_of(node: ast.AST) -> str:
    """Return the sign of an operator, "?" for one that is not evaluated."""
    return _OPERATORS.get(type(node), "?")


def term_of(node: ast.expr | None) -> Term:
    """Write an expression down. Raises RecursionError for one that is nested too deep."""
    if node is None:
        return UNKNOWN_TERM
    match node:
        case ast.Constant(value=value):
            return _constant(value)
        case ast.Name(id=name):
            return ["name", name]
        case ast.Attribute(value=value, attr=attribute):
            return ["attribute", term_of(value), attribute]
        case ast.Call(func=function, args=arguments, keywords=keywords):
            named = [[keyword.arg, term_of(keyword.value)] for keyword in keywords]
            return ["call", term_of(function), [_argument(item, function) for item in arguments], named]
        case ast.Compare(left=left, ops=operators, comparators=others):
            pairs = zip(operators, others, strict=True)
            return ["compare", term_of(left), [[operator_of(sign), term_of(other)] for sign, other in pairs]]
        case ast.BoolOp(op=operator, values=values):
            return ["and" if isinstance(operator, ast.And) else "or", [term_of(value) for value in values]]
        case ast.UnaryOp(op=operator, operand=operand):
            return ["unary", operator_of(operator), term_of(operand)]
        case ast.BinOp(left=left, op=operator, right=right):
            return ["binary", operator_of(operator), term_of(left), term_of(right)]
        case ast.Subscript(value=value, slice=index):
            return ["item", term_of(value), term_of(index)]
        case ast.IfExp(test=test, body=body, orelse=otherwise):
            return ["choice", term_of(test), term_of(body), term_of(otherwise)]
        case ast.NamedExpr(target=ast.Name(id=name), value=value):
            return ["walrus", name, term_of(value)]
        case ast.Starred(value=value):
            return ["star", term_of(value)]
        case _:
            return _compound(node)


def _constant(value: object) -> Term:
    if isinstance(value, str):
        return ["text"] if len(value) > _LONGEST_TEXT or _SURROGATE.search(value) else ["constant", value]
    if value is None or isinstance(value, (bool, float)) or (isinstance(value, int) and abs(value) < 1 << 62):
        return ["constant", value]
    return UNKNOWN_TERM


def _compound(node: ast.expr) -> Term:
    match node:
        case ast.Tuple(elts=items) | ast.List(elts=items) | ast.Set(elts=items):
            if len(items) > _LONGEST_LITERAL:
                return UNKNOWN_TERM
            return [type(node).__name__.lower(), [term_of(item) for item in items]]
        case ast.Dict(keys=keys, values=values):
            if len(keys) > _LONGEST_LITERAL:
                return UNKNOWN_TERM
            pairs = zip(keys, values, strict=True)
            return ["dict", [[None if key is None else term_of(key), term_of(value)] for key, value in pairs]]
        case ast.Slice(lower=lower, upper=upper, step=step):
            return ["slice", *(["constant", None] if part is None else term_of(part) for part in (lower, upper, step))]
        case ast.JoinedStr(values=values):
            return ["format", [_part(value) for value in values]]
        case ast.Lambda(args=arguments, body=body):
            return ["lambda", parameters_of(arguments), term_of(body)]
        case ast.ListComp(elt=item) | ast.SetComp(elt=item) | ast.GeneratorExp(elt=item):
            kind = {ast.ListComp: "list", ast.SetComp: "set"}.get(type(node), "later")
            loops = [[term_of(g.target), term_of(g.iter), [term_of(t) for t in g.ifs]] for g in node.generators]
            return ["comprehension", kind, term_of(item), loops]
        case ast.DictComp(key=key, value=value):
            loops = [[term_of(g.target), term_of(g.iter), [term_of(t) for t in g.ifs]] for g in node.generators]
            return ["comprehension", "dict", ["tuple", [term_of(key), term_of(value)]], loops]
        case ast.Yield(value=value):
            return ["yield", ["constant", None] if value is None else term_of(value)]
        case _:
            return UNKNOWN_TERM


def _argument(node: ast.expr, function: ast.expr) -> Term:
    """Write an argument down; whatever is given a generator mostly asks for all its values at once."""
    term = term_of(node)
    if isinstance(node, ast.GeneratorExp) and term[0] == "comprehension":
        term[1] = function.id if isinstance(function, ast.Name) and function.id in _ASK_UNTIL else "list"
    return term


def _part(node: ast.expr) -> Term:
    match node:
        case ast.FormattedValue(value=value, conversion=-1, format_spec=None):
            return term_of(value)
        case ast.Constant():
            return term_of(node)
        case _:
            return UNKNOWN_TERM


def parameters_of(arguments: ast.arguments) -> Term:
    """Write parameters down: positional names, keyword-only names, `*` name, `**` name, defaults by name."""
    positional = [parameter.arg for parameter in (*arguments.posonlyargs, *arguments.args)]
    keywords = [parameter.arg for parameter in arguments.kwonlyargs]
    defaults = dict(zip(reversed(positional), map(term_of, reversed(arguments.defaults)), strict=False))
    for parameter, default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True):
        if default is not None:
            defaults[parameter.arg] = term_of(default)
    return [
        positional,
        keywords,
        arguments.vararg.arg if arguments.vararg else None,
        arguments.kwarg.arg if arguments.kwarg else None,
        defaults,
    ]
