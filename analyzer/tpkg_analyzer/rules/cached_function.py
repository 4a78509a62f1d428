"""TPK305 cached-function."""

from collections.abc import Iterator

from tpkg_analyzer.model.diagnostic import Diagnostic, Severity
from tpkg_analyzer.rule.changes import own_state
from tpkg_analyzer.rule.context import FileContext
from tpkg_analyzer.rule.packaged import owner
from tpkg_analyzer.rule.rule import Rule
from tpkg_runtime.wire.messages import ExperimentKind

_CACHES = ("functools.lru_cache", "functools.cache")


class CachedFunction(Rule):
    """A function of a packaged module keeps its results in a cache.

    ## What it does
    Reports `functools.lru_cache` and `functools.cache` on functions of the top level and methods of an interned module.

    ## Why is this bad?
    Every PackageImporter runs the module again and so makes a cache of its own: results are computed and kept once for
    the host and once for each loaded package, and `cache_clear` reaches one of them.

    ## Example
    ```toml
    [[tool.tpkg-lint.package]]
    name = "classifier"
    modules = ["classifier"]
    actions = [{ intern = "classifier" }]
    ```
    ```python classifier.py
    from functools import lru_cache


    @lru_cache(maxsize=1000)
    def split(text):
        return tuple(text.split())
    ```

    ## Use instead
    ```toml
    [[tool.tpkg-lint.package]]
    name = "classifier"
    modules = ["classifier"]
    actions = [{ intern = "classifier" }]
    ```
    ```python classifier.py
    def split(text):
        return tuple(text.split())
    ```

    ## How it is confirmed
    The module is imported in the host and twice from the package. The finding is confirmed if the functions, and with
    them their caches, are different objects.
    """

    code = "TPK305"
    name = "cached-function"
    severity = Severity.INFO
    since = "0.1"
    runs_inside = True
    confirmed_by = ExperimentKind.OWN_STATE
    words = frozenset({"lru_cache", "cache"})

    def check_file(self, context: FileContext) -> Iterator[Diagnostic]:
        """Report each decorator."""
        if not context.is_packaged or not self.concerns(context):
            return
        for call in own_state(context).import_calls:
            if call.function in _CACHES and call.decorated:
                yield context.finding(
                    self,
                    call.span,
                    f"`{call.decorated}` keeps its results once for the host and once per load of {owner(context)}",
                    symbol=call.decorated,
                    help="nothing to do if the results are cheap and depend on the arguments alone",
                )
