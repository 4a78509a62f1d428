"""TPK001 syntax-error."""

from collections.abc import Iterator

from tpkg_analyzer.model.diagnostic import Diagnostic, Severity
from tpkg_analyzer.rule.context import FileContext
from tpkg_analyzer.rule.rule import Rule


class SyntaxErrorRule(Rule):
    """A file cannot be read as Python.

    ## What it does
    Reports a file that does not parse under the target Python, or that cannot be decoded.

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
    Nothing is tried: the parser's word is final.
    """

    code = "TPK001"
    name = "syntax-error"
    severity = Severity.ERROR
    since = "0.1"

    def check_file(self, context: FileContext) -> Iterator[Diagnostic]:
        """Report the problem of the facts, if there is one."""
        problem = context.facts.problem
        if problem is not None:
            yield context.finding(self, problem.span, problem.message, symbol=context.name)
