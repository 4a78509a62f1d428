"""TPK002 invalid-configuration."""

from tpkg_analyzer.model.diagnostic import Severity
from tpkg_analyzer.rule.rule import Rule


class InvalidConfiguration(Rule):
    """The configuration cannot be used.

    ## What it does
    Reports an unknown key, a value of the wrong type, a word that names no rule, TOML that does not parse, an
    interpreter that is not there: each with its place and, where a name is nearly right, the right one. The command
    line says so on standard error and ends with status 2; the language server shows it in the file, and goes on with
    the last configuration that could be used.

    ## Why is this bad?
    Half of a configuration is another one: rules would run that were turned off, and packages would be missed. So
    nothing is checked, and nothing hides it: `ignore` and `severity` refuse the code.

    ## Example
    ```toml tpkg-lint.toml
    selct = ["TPK3"]
    ```
    ```python classifier.py
    import torch
    ```

    ## Use instead
    ```toml tpkg-lint.toml
    select = ["TPK3"]
    ```
    ```python classifier.py
    import torch
    ```

    ## How it is confirmed
    Nothing is tried: `tpkg-lint config` explains each key, and `tpkg-lint check --show-settings` prints what holds.
    """

    code = "TPK002"
    name = "invalid-configuration"
    severity = Severity.ERROR
    since = "0.1"
