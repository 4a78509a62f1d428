"""TPK001 syntax-error."""

from collections.abc import Iterator
from dataclasses import replace

from tpkg_analyzer.model.diagnostic import Diagnostic, Severity
from tpkg_analyzer.rule.context import FileContext
from tpkg_analyzer.rule.rule import Rule
from tpkg_analyzer.scan.facts import Stops


class SyntaxErrorRule(Rule):
    """A file cannot be read as Python.

    ## What it does
    Reports a file that does not compile under the target Python, the one whose environment is exported, or that cannot
    be decoded. Where another Python runs tpkg-lint, the target's own compiler is asked.

    What the target compiles, and the Python that runs tpkg-lint cannot parse, is no error: an information says that the
    file was not checked. To have it checked, run tpkg-lint with a Python as new as the target.

    ## Why is this bad?
    The file cannot be imported. An exporter leaves out what cannot be imported, without a word, and nothing else that
    is said about the file could be relied on.

    ## Example
    ```python classifier.py
    import torch

    def predict(:
        ...
    ```

    ## Use instead
    ```python classifier.py
    import torch

    def predict():
        ...
    ```

    ## How it is confirmed
    Nothing is tried: the compiler's word is final.
    """

    code = "TPK001"
    name = "syntax-error"
    severity = Severity.ERROR
    since = "0.1"

    def check_file(self, context: FileContext) -> Iterator[Diagnostic]:
        """Report the problem of the facts, if there is one."""
        problem = context.facts.problem
        if problem is not None and problem.stops is not Stops.SCAN:
            found = context.finding(self, problem.span, problem.message, symbol=context.name)
            yield found if problem.stops_import else replace(found, severity=Severity.INFO)
