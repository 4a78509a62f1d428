"""TPK406 mangled-name-check."""

import re
from collections.abc import Iterator

import libcst as cst

from tpkg_analyzer.model.diagnostic import Diagnostic, Edit, Fix, Severity
from tpkg_analyzer.rule.constants import constant_string
from tpkg_analyzer.rule.context import FileContext, ModuleContext
from tpkg_analyzer.rule.excerpts import excerpt
from tpkg_analyzer.rule.rule import Rule
from tpkg_analyzer.rule.scopes import Scope
from tpkg_runtime.wire.messages import Experiment, ExperimentKind

# The marker `__torch_package__` is the matter of TPK604.
_MANGLED = re.compile(r"(?<!__)torch_package_")
_COMPARED = re.compile(
    r"__module__\)*\s*(?:==|!=|\.)|__name__\)*\s*(?:!=|\.|==(?!\s*[\"']__main__[\"']))|[!=]=\s*[\w.()]*__(?:module|name)__"
)
_FIRST_PART = ("split", "partition")


class MangledNameCheck(Rule):
    """A name is held against the names of modules, which are mangled inside a package.

    ## What it does
    Reports tests on `"torch_package_"` in a name; and in interned modules comparisons of `__module__`, or of the
    module's own `__name__`, with the name of an interned module or package: by `==`, by `startswith`, and by the first
    part of `split(".")`. Names of modules that stay outside are not mangled, and `__qualname__` never is.

    ## Why is this bad?
    Inside a package `model` is called `<torch_package_0>.model`: such a comparison is False there. The mangled form
    itself is a detail that `torch.package.is_from_package(object)` hides.

    ## Example
    ```toml
    [[tool.tpkg-lint.package]]
    name = "classifier"
    modules = ["model"]
    actions = [{ intern = "model" }]
    ```
    ```python model.py
    ```
    ```python serve.py
    import torch


    def is_packaged(model):
        return "torch_package_" in type(model).__module__
    ```

    ## Use instead
    ```toml
    [[tool.tpkg-lint.package]]
    name = "classifier"
    modules = ["model"]
    actions = [{ intern = "model" }]
    ```
    ```python model.py
    ```
    ```python serve.py
    import torch


    def is_packaged(model):
        return torch.package.is_from_package(model)
    ```

    ## Fix safety
    Safe, and offered where the name of the class of an object is tested and the file imports torch.
    `is_from_package` has to be given the object or its module: given a class it says False.

    ## How it is confirmed

    The module is imported from the package. The finding is confirmed if it has another name there. A test on the
    mangled form itself is not tried.
    """

    code = "TPK406"
    name = "mangled-name-check"
    severity = Severity.WARNING
    since = "0.1"
    confirmed_by = ExperimentKind.MANGLED_NAME
    words = frozenset({"__module__", "__name__"})

    def concerns(self, context: FileContext) -> bool:
        """Look for a name of a module that is compared."""
        if _MANGLED.search(context.source):
            return True
        return bool(context.closures) and super().concerns(context) and bool(_COMPARED.search(context.source))

    def experiment(self, finding: Diagnostic, code: str) -> Experiment | str | None:
        """Look at the name that is compared; that the mangled form may change cannot be tried."""
        if "relies on" in finding.message:
            return "it holds with the torch that is installed"
        return super().experiment(finding, code)

    def check_module(self, context: ModuleContext) -> Iterator[Diagnostic]:
        """Report each test of a name that a package changes."""
        module = context.module
        for node, scope in module.sites(cst.Comparison):
            if len(node.comparisons) != 1:
                continue
            operator, right = node.comparisons[0].operator, node.comparisons[0].comparator
            if isinstance(operator, (cst.In, cst.NotIn)) and _MANGLED.search(_text(context, node.left, scope) or ""):
                yield self._on_mangling(context, node, right, is_negated=isinstance(operator, cst.NotIn))
            elif isinstance(operator, (cst.Equal, cst.NotEqual)):
                for name, text in ((node.left, right), (right, node.left)):
                    known = _text(context, text, scope)
                    if known is not None:
                        yield from self._on_name(context, node, name, known, scope, is_prefix=False)
        for call, scope in module.sites(cst.Call):
            match call:
                case cst.Call(func=cst.Attribute(value=name, attr=cst.Name(value="startswith")), args=[first]):
                    known = _text(context, first.value, scope)
                    if known is not None and _MANGLED.match(known.lstrip("<")):
                        yield self._on_mangling(context, call, name, is_negated=False)
                    elif known is not None:
                        yield from self._on_name(context, call, name, known, scope, is_prefix=True)

    def _on_mangling(
        self, context: ModuleContext, node: cst.BaseExpression, name: cst.BaseExpression, *, is_negated: bool
    ) -> Diagnostic:
        return context.finding(
            self,
            context.module.span(node),
            f"`{excerpt(context.module, node)}` relies on how torch.package mangles names: another version may do it "
            "otherwise",
            symbol=excerpt(context.module, name),
            help="ask `torch.package.is_from_package(object)`",
            fix=_fix(context, node, name, is_negated=is_negated),
        )

    def _on_name(
        self,
        context: ModuleContext,
        node: cst.CSTNode,
        name: cst.BaseExpression,
        known: str,
        scope: Scope,
        *,
        is_prefix: bool,
    ) -> Iterator[Diagnostic]:
        if not context.closures:
            return
        inner, is_part = _whole_name(name)
        if not _is_module_name(inner, scope):
            return
        package = _package_of(context, known, is_prefix=is_prefix, is_part=is_part)
        if package is None:
            return
        yield context.finding(
            self,
            context.module.span(node),
            f'`{excerpt(context.module, name)}` of what package `{package}` holds begins with "<torch_package_" and '
            f'is never "{known}"',
            symbol=known,
            help="compare classes or modules themselves, or a marker attribute",
            package=package,
        )


def _text(context: ModuleContext, node: cst.BaseExpression, scope: Scope) -> str | None:
    """Return a known text that is no name of the module itself, whose mangled form both sides would share."""
    if isinstance(node, cst.Name) and node.value in ("__name__", "__package__"):
        return None
    return constant_string(context.module, node, scope)


def _whole_name(node: cst.BaseExpression) -> tuple[cst.BaseExpression, bool]:
    """Return x of `x.split(".")[0]` with True, anything else with False."""
    match node:
        case cst.Subscript(
            value=cst.Call(func=cst.Attribute(value=inner, attr=cst.Name(value=method))),
            slice=[cst.SubscriptElement(slice=cst.Index(value=cst.Integer(value="0")))],
        ) if method in _FIRST_PART:
            return inner, True
        case _:
            return node, False


def _is_module_name(node: cst.BaseExpression, scope: Scope) -> bool:
    match node:
        case cst.Attribute(attr=cst.Name(value="__module__")):
            return True
        case cst.Name(value="__module__" | "__name__" as name):
            return scope.lookup(name) is None
        case _:
            return False


def _package_of(context: ModuleContext, known: str, *, is_prefix: bool, is_part: bool) -> str | None:
    """Return the package that mangles every name that the known text could be about."""
    prefix = known.rstrip(".")
    if not prefix or prefix == "__main__":
        return None
    for closure in context.closures:
        for name in closure.modules:
            below = name.startswith(f"{prefix}.") and (is_prefix or is_part)
            if (name == prefix or below) and context.project.interning(name):
                return closure.package.name
    return None


def _fix(context: ModuleContext, node: cst.BaseExpression, name: cst.BaseExpression, *, is_negated: bool) -> Fix | None:
    """Replace a test on the class of an object; the file has to import torch at its top."""
    match name:
        case cst.Attribute(
            value=cst.Call(func=cst.Name(value="type"), args=[cst.Arg(value=instance)]),
            attr=cst.Name(value="__module__"),
        ):
            pass
        case cst.Attribute(
            value=cst.Attribute(value=instance, attr=cst.Name(value="__class__")), attr=cst.Name(value="__module__")
        ):
            pass
        case _:
            return None
    bindings = context.module.index.top.bindings.get("torch", [])
    if len(bindings) != 1 or bindings[0].target != "torch":
        return None
    text = f"torch.package.is_from_package({context.module.tree.code_for_node(instance)})"
    if is_negated:
        text = f"(not {text})"
    edit = Edit(context.path, context.module.span(node), text)
    return Fix(f"Replace by `{text}`", (edit,), is_safe=True)
