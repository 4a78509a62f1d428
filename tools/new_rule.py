"""Start a rule: `python tools/new_rule.py star-import --code TPK112` writes its module and its page of scenarios.

Both work as they are, on a question of no use (calls of `breakpoint`): the tests are green before the first edit.
"""

import argparse
import re
import sys
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path

from tpkg_analyzer.model.diagnostic import Severity
from tpkg_analyzer.rule.registry import all_rules

ROOT = Path(__file__).resolve().parent.parent

MODULE = '''\
"""{code} {name}."""

from collections.abc import Iterator

import libcst as cst

from tpkg_analyzer.model.diagnostic import Diagnostic, Severity
from tpkg_analyzer.rule.context import ModuleContext
from tpkg_analyzer.rule.rule import Rule


class {kind}(Rule):
    """A packaged module calls the debugger.

    ## What it does
    Reports each call of `breakpoint` in a module that is interned.

    ## Why is this bad?
    The process that loads the package stops there.

    ## Example
    ```toml
    [[tool.tpkg-lint.package]]
    name = "classifier"
    modules = ["classifier"]
    actions = [{{ intern = "classifier" }}]
    ```
    ```python classifier.py
    def predict(text):
        breakpoint()
        return len(text)
    ```

    ## Use instead
    ```toml
    [[tool.tpkg-lint.package]]
    name = "classifier"
    modules = ["classifier"]
    actions = [{{ intern = "classifier" }}]
    ```
    ```python classifier.py
    def predict(text):
        return len(text)
    ```

    ## How it is confirmed
    It is not: nothing calls the function when the package is loaded.
    """

    code = "{code}"
    name = "{name}"
    severity = Severity.{severity}
    since = "{since}"
    words = frozenset({{"breakpoint"}})

    def check_module(self, context: ModuleContext) -> Iterator[Diagnostic]:
        """Report each call."""
        if not context.is_packaged:
            return
        for call, scope in context.module.sites(cst.Call):
            if context.module.qualified(call.func, scope) == "builtins.breakpoint":
                yield context.finding(
                    self, context.module.span(call), "`breakpoint()` stops the process", symbol="breakpoint"
                )
'''

PAGE = """\
# {name}

```toml
[[package]]
name = "p"
modules = ["model"]
actions = [{{ intern = "**" }}]
```

## A call

```python model.py
def predict(text):
    breakpoint()  # {level}: [{code}] "`breakpoint()` stops the process"
    return text
```

## Another function of that name

```python model.py
def breakpoint():
    return None


breakpoint()
```
"""

NEXT = """\
wrote {module}
wrote {page}
Now make it yours, the page first: what should be found, and what must not be. Then the class and its docstring.
  .venv/bin/python -m pytest tests/rules -k {name}
  make generate        writes docs/rules/{name}.md"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the two files and return the exit status."""
    parser = argparse.ArgumentParser(description="Start a rule: its module and its page of scenarios.")
    parser.add_argument("name", help="what is found, in words with hyphens: star-import")
    parser.add_argument("--code", required=True, help="TPK and three digits, never used before")
    parser.add_argument("--severity", choices=[item.value for item in Severity], default="warning")
    options = parser.parse_args(arguments)
    problem = refusal(options.name, options.code)
    if problem:
        parser.error(problem)
    words = options.name.split("-")
    values = {
        "name": options.name,
        "code": options.code,
        "kind": "".join(word.capitalize() for word in words),
        "severity": Severity(options.severity).name,
        "level": options.severity,
        "since": ".".join(version("tpkg-lint").split(".")[:2]),
    }
    module = ROOT / "analyzer" / "tpkg_analyzer" / "rules" / f"{'_'.join(words)}.py"
    page = ROOT / "tests" / "rules" / f"{options.name}.md"
    for path, text in ((module, MODULE), (page, PAGE)):
        if path.exists():
            parser.error(f"{path.relative_to(ROOT)} is there already")
        path.write_text(text.format(**values), encoding="utf-8")
    print(NEXT.format(name=options.name, module=module.relative_to(ROOT), page=page.relative_to(ROOT)))
    return 0


def refusal(name: str, code: str) -> str | None:
    """Say why a rule cannot be called so, None where it can."""
    if not re.fullmatch(r"[a-z][a-z0-9]*(-[a-z0-9]+)*", name):
        return f"a name is of words with hyphens, such as star-import, not {name!r}"
    if not re.fullmatch(r"TPK\d{3}", code):
        return f"a code is TPK with three digits, such as TPK112, not {code!r}"
    for rule in all_rules():
        if name == rule.name:
            return f"the name {name} is that of {rule.code}"
        if code == rule.code:
            return f"the code {code} is that of {rule.name}"
    return None


if __name__ == "__main__":
    sys.exit(main())
