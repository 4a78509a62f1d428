"""TPK202 host-import."""

from collections.abc import Iterator
from dataclasses import replace

import libcst as cst

from tpkg_analyzer.model.diagnostic import Diagnostic, Edit, Fix, Severity
from tpkg_analyzer.rule.calls import argument
from tpkg_analyzer.rule.constants import constant_string, package_name
from tpkg_analyzer.rule.context import ModuleContext
from tpkg_analyzer.rule.dynamic import function_called, is_in_module_getattr
from tpkg_analyzer.rule.own_name import begins_with_own_name
from tpkg_analyzer.rule.packaged import is_meant_for_package, owner
from tpkg_analyzer.rule.rule import Rule
from tpkg_analyzer.rule.scopes import Scope
from tpkg_runtime.spec.imports import absolute_name
from tpkg_runtime.wire.messages import ExperimentKind

_CALLS = {
    "importlib.import_module": ("name", "package"),
    "importlib.__import__": ("name", None),
    "pkgutil.resolve_name": ("name", None),
    "pydoc.locate": ("path", None),
}
_OF_OBJECTS = frozenset({"pkgutil.resolve_name", "pydoc.locate"})
"""Functions whose name may go on to an object in a module."""
_UNPICKLING = frozenset({"pickle.load", "pickle.loads", "pickle.Unpickler", "_pickle.loads", "_pickle.load"})
_PICKLING = frozenset({"pickle.dumps", "_pickle.dumps"})


class HostImport(Rule):
    """A packaged module imports another by a known name, past the package.

    ## What it does
    Reports `importlib.import_module`, `importlib.__import__`, `pkgutil.resolve_name` and `pydoc.locate` with a constant
    name in a module that is interned, where the name is that of a module which the package does not leave to the host,
    or, for the latter two, of an object in one.
    Reports `pickle.load` and `pickle.loads` as well, as a hint where it is not known what is read: the names in a
    pickle are imported the same way.

    ## Why is this bad?
    A package replaces the `import` statement and `__import__` for its own modules; `importlib` is the host's. The call
    returns the host's copy of the module if there is one, with other classes and other state than the packaged one,
    and raises ModuleNotFoundError where the project is not installed. The exporter does not see the dependency either.

    ## Example
    ```toml
    [[tool.tpkg-lint.package]]
    name = "classifier"
    modules = ["classifier", "heads"]
    actions = [{ intern = "**" }]
    ```
    ```python classifier.py
    import importlib

    heads = importlib.import_module("heads")
    ```
    ```python heads.py
    SIZE = 2
    ```

    ## Use instead
    ```toml
    [[tool.tpkg-lint.package]]
    name = "classifier"
    modules = ["classifier", "heads"]
    actions = [{ intern = "**" }]
    ```
    ```python classifier.py
    import heads
    ```
    ```python heads.py
    SIZE = 2
    ```

    ## Fix safety
    Safe, and offered where the result of the call is bound to a name by a statement of its own: `import heads` binds
    the same module in an ordinary process.

    ## How it is confirmed
    The package is imported and the call is made with the globals of the packaged module. The finding is confirmed if
    what comes back is not the package's own copy, or if nothing does.
    """

    code = "TPK202"
    name = "host-import"
    severity = Severity.ERROR
    since = "0.1"
    runs_inside = True
    confirmed_by = ExperimentKind.HOST_IMPORT
    words = frozenset({name.replace(".", " ") for name in (*_CALLS, *_UNPICKLING)})

    def check_module(self, context: ModuleContext) -> Iterator[Diagnostic]:
        """Report each call with a known name that the package does not extern."""
        if not context.is_packaged or context.project.runtime == "tpkg":
            return
        for call, scope in context.module.sites(cst.Call):
            function = function_called(context.module, call, scope)
            if function in _UNPICKLING and not _is_copy(context, call, scope):
                yield self._unpickling(context, call, function)
            if function not in _CALLS or is_in_module_getattr(scope):
                continue
            name, is_relative_to_name = _target(context, call, scope, function)
            if name is None:
                continue
            target = _module_of(context, name) if function in _OF_OBJECTS else name
            if not is_meant_for_package(context, target):
                continue
            short = function.rpartition(".")[2]
            if is_relative_to_name:
                what = f"raises inside {owner(context)}: `__name__` is mangled there and names no package of the host"
            else:
                what = f"takes the host's copy inside {owner(context)}, or fails where the host has none"
            yield context.finding(
                self,
                context.module.span(call),
                f'`{short}("{name}")` {what}',
                symbol=target,
                help=f"write `import {target}`; the exporter and the package then both see it",
                fix=_fix(context, call, target) if target == name else None,
            )

    def _unpickling(self, context: ModuleContext, call: cst.Call, function: str) -> Diagnostic:
        """Report a pickle that is read: which classes are in it is not known, so that this is a hint."""
        short = function.removeprefix("_")
        found = context.finding(
            self,
            context.module.span(call),
            f"`{short}` imports the classes that it meets from the host, past {owner(context)}",
            symbol=short,
            help="pickle plain data only, or load it with the package's own importer",
        )
        return replace(found, severity=Severity.HINT)


def _is_copy(context: ModuleContext, call: cst.Call, scope: Scope) -> bool:
    """Tell whether what is read was pickled on the spot: packaged-object-escapes is about that."""
    source = call.args[0].value if call.args else None
    return isinstance(source, cst.Call) and function_called(context.module, source, scope) in _PICKLING


def _target(context: ModuleContext, call: cst.Call, scope: Scope, function: str) -> tuple[str | None, bool]:
    """Return the absolute name that is asked for, and whether it is relative to the mangled `__name__`."""
    name_keyword, package_keyword = _CALLS[function]
    expression = argument(call, 0, name_keyword)
    name = constant_string(context.module, expression, scope) if expression is not None else None
    if name is None:
        return None, False
    name = name.partition(":")[0]
    level = len(name) - len(name.lstrip("."))
    if level == 0:
        return name, expression is not None and begins_with_own_name(context.module, expression, scope)
    base = argument(call, 1, package_keyword) if package_keyword else None
    if base is None:
        return None, False
    package = constant_string(context.module, base, scope)
    if package is None:
        return None, False
    is_name = begins_with_own_name(context.module, base, scope)
    try:
        return absolute_name(name[level:], package or package_name(context.module), level), is_name
    except ValueError:
        return None, False


def _module_of(context: ModuleContext, name: str) -> str:
    """Return the module that a dotted name goes through to an object; the name itself where no part of it is one."""
    module = name
    while module:
        if context.project.facts(module) is not None:
            return module
        module = module.rpartition(".")[0]
    return name


def _fix(context: ModuleContext, call: cst.Call, target: str) -> Fix | None:
    statement = context.module.parent(call)
    match statement:
        case cst.Assign(targets=[cst.AssignTarget(target=cst.Name(value=bound))]):
            text = f"import {target}" if bound == target else f"import {target} as {bound}"
        case cst.Expr():
            text = f"import {target}"
        case _:
            return None
    edit = Edit(context.path, context.module.span(statement), text)
    return Fix(f"Replace by `{text}`", (edit,), is_safe=True)
