"""TPK502 unpicklable-attribute."""

from collections.abc import Iterator

import libcst as cst

from tpkg_analyzer.model.diagnostic import Diagnostic, Related, Severity
from tpkg_analyzer.model.package import IncidentKind
from tpkg_analyzer.rule.bindings import attribute_values
from tpkg_analyzer.rule.classes import Definition, ancestry, class_scope, methods
from tpkg_analyzer.rule.context import Identified, Project
from tpkg_analyzer.rule.exporting import finding_at
from tpkg_analyzer.rule.module import AnalyzedModule
from tpkg_analyzer.rule.picklability import why_unpicklable
from tpkg_analyzer.rule.rule import Rule
from tpkg_analyzer.rule.saved import saved_classes
from tpkg_analyzer.rule.scopes import Scope
from tpkg_analyzer.scan.closure import Closure
from tpkg_analyzer.scan.exports.pickles import SCRIPT_MODULE
from tpkg_runtime.wire.messages import ExperimentKind

_OWN_WAYS = frozenset({"__getstate__", "__reduce__", "__reduce_ex__", "__reduce_package__", "__getnewargs_ex__"})
_MAKERS = frozenset({"__init__", "__post_init__"})


class UnpicklableAttribute(Rule):
    """A saved object holds what cannot be pickled.

    ## What it does
    Reports attributes that the constructor of a saved class fills with a lambda, a local function or an object of a
    local class, a module, an open file, a lock, a thread, a weak reference, a generator, a handle of `torch.ops` or
    what else belongs to the process. Looked at are the classes of
    the objects that a package saves, those that they inherit from, and those whose objects they make for their
    attributes. Classes that say themselves how they are pickled are left alone, and so are attributes that get another
    value elsewhere.

    Reports also, where code saves it with torch's exporter, what `torch.jit.script` or `torch.jit.load` has made of a
    module, and objects that hold such a thing; not where the code has the gate's name, or catches what is raised.

    ## Why is this bad?
    The export raises PicklingError or TypeError, and does not say which attribute of which object it is about. For a
    scripted module it raises Exception, unless `torch.package.package_exporter._gate_torchscript_serialization` is
    False; what `torch.jit.trace` makes passes that gate.

    ## Example
    ```toml
    [[tool.tpkg-lint.package]]
    name = "classifier"
    objects = ["classifier:Classifier"]
    actions = [{ intern = "classifier" }]
    ```
    ```python classifier.py
    class Classifier:
        def __init__(self):
            self.activation = lambda x: max(x, 0)
    ```

    ## Use instead
    ```toml
    [[tool.tpkg-lint.package]]
    name = "classifier"
    objects = ["classifier:Classifier"]
    actions = [{ intern = "classifier" }]
    ```
    ```python classifier.py
    def relu(x):
        return max(x, 0)


    class Classifier:
        def __init__(self):
            self.activation = relu
    ```

    ## How it is confirmed

    An object is made without arguments, and what it keeps in the attribute is saved. The finding is confirmed if that
    raises, and stays open if the class wants arguments. In the place of a scripted module another one is saved.
    """

    code = "TPK502"
    name = "unpicklable-attribute"
    severity = Severity.ERROR
    since = "0.1"
    confirmed_by = ExperimentKind.UNPICKLABLE

    def check_closure(self, closure: Closure, project: Project) -> Iterator[Diagnostic]:
        """Report each attribute of the classes whose objects the package saves, and what was scripted."""
        yield from _scripted(self, closure, project)
        for found in saved_classes(closure.package, project):
            scope = class_scope(found)
            if scope is None or not project.is_first_party(found.module.name) or _pickles_itself(project, found):
                continue
            for value, name, why in _unpicklable(project, found.module, scope):
                yield Diagnostic(
                    code=self.code,
                    name=self.name,
                    message=f"`{found.node.name.value}.{name}` is {why}: package `{closure.package.name}` cannot "
                    "pickle the object",
                    severity=self.severity,
                    path=found.module.path,
                    span=found.module.span(value),
                    symbol=f"{found.name}.{name}",
                    module=found.module.name,
                    package=closure.package.name,
                    help="use a function or class of the top level, make it when it is used, or leave it out of "
                    "`__getstate__`",
                    related=(
                        Related(found.module.path, found.module.span(found.node.name), "objects of it are saved"),
                    ),
                )


def _scripted(rule: Identified, closure: Closure, project: Project) -> Iterator[Diagnostic]:
    """Report the objects that torch keeps behind its gate; our runtime has none."""
    if project.runtime == "tpkg":
        return
    for incident in closure.package.incidents:
        if incident.kind is IncidentKind.SCRIPTED:
            what = f"`{incident.subject.lstrip('.')}` of the object" if incident.subject else "this"
            yield finding_at(
                rule,
                closure,
                incident.place,
                f"{what} is a ScriptModule, which torch.package refuses: the export of package "
                f"`{closure.package.name}` raises Exception",
                symbol=SCRIPT_MODULE,
                help="set `torch.package.package_exporter._gate_torchscript_serialization = False` before, "
                "or export with `tpkg_runtime`",
            )


def _unpicklable(project: Project, module: AnalyzedModule, cls: Scope) -> Iterator[tuple[cst.BaseExpression, str, str]]:
    """Yield value, name and reason of the attributes that the constructor fills so, and nothing else fills."""
    names: dict[str, None] = {}
    for node, scope in module.sites(cst.Assign):
        if scope.enclosing_class is cls and _is_maker(scope, cls):
            for item in node.targets:
                match item.target:
                    case cst.Attribute(value=cst.Name(value="self"), attr=cst.Name(value=name)):
                        names[name] = None
    for name in names:
        values = [item for item in attribute_values(module, name) if item[1].enclosing_class in (cls, None)]
        reasons = [why_unpicklable(project, module, value, scope) for value, scope in values]
        # One branch alone may be one that is not taken; several leave no way around.
        is_certain = len(values) > 1 or not _is_in_branch(module, values[0][0])
        if reasons and all(reasons) and is_certain and not _is_deleted(module, name):
            yield values[0][0], name, reasons[0] or ""


def _is_maker(scope: Scope, cls: Scope) -> bool:
    function = scope.function
    if function is None or function.parent is not cls or not isinstance(function.node, cst.FunctionDef):
        return False
    return function.node.name.value in _MAKERS


def _is_in_branch(module: AnalyzedModule, node: cst.CSTNode) -> bool:
    around = module.parent(node)
    while around is not None and not isinstance(around, cst.FunctionDef):
        if isinstance(around, (cst.If, cst.For, cst.While, cst.ExceptHandler, cst.MatchCase)):
            return True
        around = module.parent(around)
    return False


def _is_deleted(module: AnalyzedModule, name: str) -> bool:
    return any(
        isinstance(node.target, cst.Attribute) and node.target.attr.value == name for node, _ in module.sites(cst.Del)
    )


def _pickles_itself(project: Project, found: Definition) -> bool:
    known, _ = ancestry(project, found)
    return any(method.name.value in _OWN_WAYS for cls in known for method in methods(cls))
