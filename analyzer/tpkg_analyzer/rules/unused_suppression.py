"""TPK003 unused-suppression."""

from collections.abc import Iterator

from tpkg_analyzer.model.diagnostic import Diagnostic, Edit, Fix, Severity
from tpkg_analyzer.rule.context import FileContext
from tpkg_analyzer.rule.rule import Rule
from tpkg_analyzer.rule.unused import UnusedSuppression


class UnusedSuppressionRule(Rule):
    """A comment keeps a finding quiet that is not there.

    ## What it does
    Reports `# tpkg: ignore[...]`, `# tpkg: ignore-file[...]`, `# tpkg: ignore-start[...]` and `# noqa: TPK...` without
    a finding that they are about, and `# tpkg: ignore-end` without a start. Of several codes only those of no use are
    named. Codes of rules that do not run here are not judged. Comments that were meant to be one of these and are
    misspelled, such as `# tpkg: ignore[TPK301` and `# tpkg: ignroe`, are reported as well.

    ## Why is this bad?
    The comment says that something is wrong where nothing is, and will hide it when something is.

    ## Example
    ```python classifier.py
    import torch

    SIZES = [1, 2, 3]  # tpkg: ignore[TPK301] -- filled below
    ```

    ## Use instead
    ```python classifier.py
    import torch

    SIZES = [1, 2, 3]
    ```

    ## Fix safety
    Safe. The comment goes, or the code in it that is of no use; other comments on the line stay. What is misspelled
    is left to you.

    ## How it is confirmed
    Nothing is tried: the other rules have looked.
    """

    code = "TPK003"
    name = "unused-suppression"
    severity = Severity.WARNING
    since = "0.1"

    def check_suppressions(self, context: FileContext, unused: tuple[UnusedSuppression, ...]) -> Iterator[Diagnostic]:
        """Report each suppression with what is of no use in it."""
        for item in unused:
            if item.fault:
                yield context.finding(
                    self,
                    item.span,
                    f"{item.fault}: the comment keeps nothing quiet",
                    symbol=item.fault,
                    help="write `# tpkg: ignore[TPK301] -- reason`",
                )
                continue
            listed = ", ".join(f"`{word}`" for word in item.words)
            if item.unknown == item.words and item.words:
                message = f"there is no rule {listed}: the comment keeps nothing quiet"
            else:
                message = f"nothing is found here that {listed or 'the comment'} would keep quiet"
            yield context.finding(
                self,
                item.span,
                message,
                symbol=",".join(item.words),
                help="remove it",
                fix=Fix("Remove what is unused", (Edit(context.path, item.removed, item.text),), is_safe=True),
            )
