"""TPK009 rule-crashed."""

from tpkg_analyzer.model.diagnostic import Severity
from tpkg_analyzer.rule.rule import Rule


class RuleCrashed(Rule):
    """A rule failed: a fault of tpkg-lint, not of the code.

    ## What it does
    Reports that a rule raised an exception in a file; the help line names the place in tpkg-lint. The other rules go
    on in that file, and the rule goes on in other files. With `--confirm` it is also reported where the real exporter
    put something else into a package than was predicted.

    ## Why is this bad?
    What the rule would have found in the file is missing. That is why it is told whatever `select` names, and counts
    as a warning.

    ## What to do
    Report it, with the file or what is left of it after everything that does not matter was taken out; for a
    difference with the exporter, with the report that the help line names. Until it is mended, keep it quiet in the
    file where it happens:

    ```toml
    [tool.tpkg-lint.per-file-ignores]
    "models/generated.py" = ["TPK009"]
    ```

    `ignore = ["TPK009"]` hides all of them.

    ## How it is confirmed
    Nothing is tried: a crash is what it is. A difference with the exporter is one because both were seen.
    """

    code = "TPK009"
    name = "rule-crashed"
    severity = Severity.WARNING
    since = "0.1"
