"""TPK507 reduce-package-protocol."""

from collections.abc import Iterator

import libcst as cst

from tpkg_analyzer.model.diagnostic import Diagnostic, Severity
from tpkg_analyzer.rule.classes import definition
from tpkg_analyzer.rule.context import ModuleContext
from tpkg_analyzer.rule.index import children_of
from tpkg_analyzer.rule.rule import Rule
from tpkg_analyzer.rule.scopes import Scope, ScopeKind
from tpkg_runtime.wire.messages import ExperimentKind

_LITERALS = (cst.SimpleString, cst.ConcatenatedString, cst.FormattedString, cst.Integer, cst.Float, cst.Dict)


class ReducePackageProtocol(Rule):
    """`__reduce_package__` or its loading function is not called as it is written.

    ## What it does
    Reports a `__reduce_package__` that does not take the exporter and nothing else, that does not return a function
    with a tuple of arguments, or that returns a lambda or local function; and a loading function that does not take
    the importer followed by these arguments.

    ## Why is this bad?
    The exporter calls `obj.__reduce_package__(exporter)` and pickles what it returns; the importer calls
    `function(importer, *arguments)`. A mistake in the first fails the export, one in the second shows when the package
    is loaded, possibly far away and much later.

    ## Example
    ```python tokenizer.py
    import torch


    class Tokenizer:
        def __reduce_package__(self, exporter):
            return load_tokenizer, ("words.txt",)


    def load_tokenizer(name):
        return Tokenizer()
    ```

    ## Use instead
    ```python tokenizer.py
    import torch


    class Tokenizer:
        def __reduce_package__(self, exporter):
            return load_tokenizer, ("words.txt",)


    def load_tokenizer(importer, name):
        return Tokenizer()
    ```

    ## How it is confirmed

    An object is made without arguments, saved and loaded. The finding is confirmed if that raises, and stays open if
    the class wants arguments.
    """

    code = "TPK507"
    name = "reduce-package-protocol"
    severity = Severity.ERROR
    since = "0.1"
    confirmed_by = ExperimentKind.REDUCED
    words = frozenset({"__reduce_package__"})

    def check_module(self, context: ModuleContext) -> Iterator[Diagnostic]:
        """Report each mistake in a method of that name."""
        for function, scope in context.module.sites(cst.FunctionDef):
            if function.name.value != "__reduce_package__" or scope.kind is not ScopeKind.CLASS or function.decorators:
                continue
            for node, message in _mistakes(context, function):
                yield context.finding(
                    self,
                    context.module.span(node),
                    message,
                    symbol=f"{context.name}.{scope.qualname}",
                    help="`__reduce_package__(self, exporter)` returns `(function, (a, b))`, and the importer calls "
                    "`function(importer, a, b)`",
                )


def _mistakes(context: ModuleContext, function: cst.FunctionDef) -> Iterator[tuple[cst.CSTNode, str]]:
    if not _accepts(function.params, 2):
        yield (
            function.name,
            "`__reduce_package__` is called with the exporter and nothing else: the export raises TypeError",
        )
    if function.asynchronous is not None:
        yield function.name, "`__reduce_package__` is asynchronous: the exporter cannot use what it returns"
        return
    inside = list(_below(function.body))
    if any(isinstance(node, cst.Yield) for node in inside):
        yield function.name, "`__reduce_package__` is a generator: it has to return a function and its arguments"
        return
    returns = [node for node in inside if isinstance(node, cst.Return)]
    if not returns and not any(isinstance(node, (cst.Raise, cst.Ellipsis)) for node in inside):
        yield function.name, "`__reduce_package__` returns nothing: the export raises TypeError"
    for node in returns:
        yield from _returned(context, node)


def _returned(context: ModuleContext, node: cst.Return) -> Iterator[tuple[cst.CSTNode, str]]:
    value = node.value
    if value is None or isinstance(value, _LITERALS) or (isinstance(value, cst.Name) and value.value == "None"):
        yield node, "`__reduce_package__` has to return a function and the tuple of its arguments"
        return
    if not isinstance(value, cst.Tuple) or any(isinstance(item, cst.StarredElement) for item in value.elements):
        return
    if len(value.elements) != 2:
        yield (
            value,
            (
                f"`__reduce_package__` returns {len(value.elements)} values, not a function and the tuple of its "
                "arguments: the package cannot be loaded"
            ),
        )
        return
    loader, arguments = value.elements[0].value, value.elements[1].value
    scope = next((scope for site, scope in context.module.sites(cst.Return) if site is node), None)
    if isinstance(loader, cst.Lambda) or (scope is not None and _is_local(loader, scope)):
        yield loader, "`__reduce_package__` returns a function that cannot be pickled: it is not at the top level"
        return
    if isinstance(arguments, _LITERALS):
        if _is_taken_apart(context, loader, arguments, scope):
            return
        yield arguments, "the arguments that `__reduce_package__` returns are no tuple: a comma is missing, perhaps"
        return
    if isinstance(arguments, cst.Tuple) and scope is not None:
        yield from _loader(context, loader, arguments, scope)


def _is_taken_apart(
    context: ModuleContext, loader: cst.BaseExpression, arguments: cst.BaseExpression, scope: Scope | None
) -> bool:
    """Tell whether what is no tuple still works: the importer unpacks it, a text into its letters, a dict into keys."""
    match arguments:
        case cst.SimpleString() | cst.ConcatenatedString() if arguments.evaluated_value is not None:
            count = len(arguments.evaluated_value)
        case cst.Dict(elements=elements) if all(isinstance(item, cst.DictElement) for item in elements):
            count = len(elements)
        case _:
            return False
    name = context.module.qualified(loader, scope) if scope is not None else None
    found = definition(context.project, name)
    if found is None or not isinstance(found.node, cst.FunctionDef) or found.node.decorators:
        return count == 1  # of a function that is not known, one argument is likely
    return _accepts(found.node.params, 1 + count)


def _loader(
    context: ModuleContext, loader: cst.BaseExpression, arguments: cst.Tuple, scope: Scope
) -> Iterator[tuple[cst.CSTNode, str]]:
    found = definition(context.project, context.module.qualified(loader, scope))
    if found is None or not isinstance(found.node, cst.FunctionDef) or found.node.decorators:
        return
    if any(isinstance(item, cst.StarredElement) for item in arguments.elements):
        return
    count = len(arguments.elements)
    if not _accepts(found.node.params, 1 + count):
        what = "the importer" + (f" and {count} argument{'' if count == 1 else 's'}" if count else "")
        yield loader, f"`{found.node.name.value}` is called with {what} when the package is loaded, and takes others"


def _accepts(parameters: cst.Parameters, count: int) -> bool:
    """Tell whether a function can be called with `count` positional arguments and nothing else."""
    positional = [*parameters.posonly_params, *parameters.params]
    required = sum(parameter.default is None for parameter in positional)
    has_required_keyword = any(parameter.default is None for parameter in parameters.kwonly_params)
    takes_more = isinstance(parameters.star_arg, cst.Param)
    return required <= count and (count <= len(positional) or takes_more) and not has_required_keyword


def _is_local(node: cst.BaseExpression, scope: Scope) -> bool:
    found = scope.lookup(node.value) if isinstance(node, cst.Name) else None
    if found is None or found[0].kind is not ScopeKind.FUNCTION:
        return False
    return all(isinstance(binding.node, cst.FunctionDef) for binding in found[1])


def _below(node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    for child in children_of(node):
        if not isinstance(child, (cst.FunctionDef, cst.Lambda, cst.ClassDef)):
            yield child
            yield from _below(child)
