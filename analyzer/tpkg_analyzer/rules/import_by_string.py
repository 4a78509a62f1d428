"""TPK209 import-by-string."""

from collections.abc import Iterator

import libcst as cst

from tpkg_analyzer.model.diagnostic import Diagnostic, Severity
from tpkg_analyzer.rule.calls import argument
from tpkg_analyzer.rule.constants import constant_string
from tpkg_analyzer.rule.context import ModuleContext
from tpkg_analyzer.rule.dynamic import function_called
from tpkg_analyzer.rule.packaged import is_meant_for_package, owner
from tpkg_analyzer.rule.rule import Rule
from tpkg_analyzer.rule.scopes import Scope

_FUNCTIONS = {
    "unittest.mock.patch": "target",
    "mock.patch": "target",
    "hydra.utils.get_class": "path",
    "hydra.utils.get_method": "path",
    "hydra.utils.get_object": "path",
    "hydra.utils.get_static_method": "path",
    "django.utils.module_loading.import_string": "dotted_path",
    "werkzeug.utils.import_string": "import_name",
}
_KEYS = frozenset({"_target_", "class_path", "()", "class"})
_CONFIGURES = "logging.config.dictConfig"


class ImportByString(Rule):
    """A dotted name in a string is given to code that imports it.

    ## What it does
    Reports dotted names of modules that the package holds, in an interned module, where they are the value of a key
    that hydra, jsonargparse or `logging.config` import (`_target_`, `class_path`, `()`), or the argument of a function
    that imports, such as `mock.patch` and `hydra.utils.get_class`.

    ## Why is this bad?
    The exporter does not see the name, and the code that imports it is the host's: what it gets is the host's copy.

    ## Example
    ```toml
    [[tool.tpkg-lint.package]]
    name = "classifier"
    modules = ["classifier", "heads"]
    actions = [{ intern = "**" }]
    ```
    ```python classifier.py
    DEFAULTS = {"_target_": "heads.Linear", "size": 2}
    ```
    ```python heads.py
    class Linear:
        pass
    ```

    ## Use instead
    ```toml
    [[tool.tpkg-lint.package]]
    name = "classifier"
    modules = ["classifier", "heads"]
    actions = [{ intern = "**" }]
    ```
    ```python classifier.py
    from heads import Linear


    def build(size=2):
        return Linear(), size
    ```
    ```python heads.py
    class Linear:
        pass
    ```

    ## How it is confirmed
    It is not: what is done with the string is not known.
    """

    code = "TPK209"
    name = "import-by-string"
    severity = Severity.HINT
    since = "0.1"
    runs_inside = True
    words = frozenset({"_target_", "class_path", "dictConfig", *(name.rpartition(".")[2] for name in _FUNCTIONS)})

    def check_module(self, context: ModuleContext) -> Iterator[Diagnostic]:
        """Report each string that names something of the package to code that imports it."""
        if not context.is_packaged:
            return
        for value, scope in _given(context):
            text = constant_string(context.module, value, scope)
            if text is None or (target := _module_in(context, text)) is None:
                continue
            yield context.finding(
                self,
                context.module.span(value),
                f'"{text}" is imported by code of the host: it gets the host\'s `{target}` and not the one of '
                f"{owner(context)}",
                symbol=text,
                help="give the object itself, not its name",
            )


def _given(context: ModuleContext) -> Iterator[tuple[cst.BaseExpression, Scope]]:
    module = context.module
    for call, scope in module.sites(cst.Call):
        keyword = _FUNCTIONS.get(function_called(module, call, scope) or "")
        if keyword is not None and (value := argument(call, 0, keyword)) is not None:
            yield value, scope
    configures = _CONFIGURES.rpartition(".")[2] in context.words
    for element, scope in module.sites(cst.DictElement):
        if isinstance(element.key, cst.SimpleString):
            key = element.key.evaluated_value
            if key in _KEYS and (configures or key in {"_target_", "class_path"}):
                yield element.value, scope


def _module_in(context: ModuleContext, text: str) -> str | None:
    """Return the module of the package that a dotted name starts with; a bare module name says too little."""
    if not all(part.isidentifier() for part in text.split(".")):
        return None
    name = text.rpartition(".")[0]
    while name:
        if context.project.facts(name) is not None:
            return name if is_meant_for_package(context, name) else None
        name = name.rpartition(".")[0]
    return None
