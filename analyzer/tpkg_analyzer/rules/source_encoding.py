"""TPK607 source-encoding."""

import codecs
import io
import re
import tokenize
from collections.abc import Iterator

from tpkg_analyzer.model.diagnostic import Diagnostic, Edit, Fix, Severity
from tpkg_analyzer.rule.context import FileContext
from tpkg_analyzer.rule.packaged import owner
from tpkg_analyzer.rule.rule import Rule
from tpkg_runtime.spec.source import Span
from tpkg_runtime.wire.messages import ExperimentKind

_COOKIE = re.compile(r"^[ \t\f]*#.*?coding[:=][ \t]*(?P<name>[-\w.]+)")
_BLANK = re.compile(r"^[ \t\f]*(?:#.*)?$")


class SourceEncoding(Rule):
    """A packaged source declares another coding than UTF-8.

    ## What it does
    Reports the coding comment of an interned module that names another coding than UTF-8, where the file has
    characters outside of ASCII in its code or strings.

    ## Why is this bad?
    The exporter stores the text in UTF-8 and leaves the comment as it is, so that the importer decodes it with the
    wrong coding: strings are garbled without a word, names may no longer parse.

    ## Example
    ```toml
    [[tool.tpkg-lint.package]]
    name = "classifier"
    modules = ["classifier"]
    actions = [{ intern = "classifier" }]
    ```
    ```python classifier.py
    # coding: latin-1
    GREETING = "süß"
    ```

    ## Use instead
    ```toml
    [[tool.tpkg-lint.package]]
    name = "classifier"
    modules = ["classifier"]
    actions = [{ intern = "classifier" }]
    ```
    ```python classifier.py
    GREETING = "süß"
    ```

    ## Fix safety
    Safe: the comment names UTF-8, and the file is written in it.

    ## How it is confirmed

    The module is imported in the host and from the package. The finding is confirmed if that raises, or if a text of
    it is another one in the package.
    """

    code = "TPK607"
    name = "source-encoding"
    severity = Severity.ERROR
    since = "0.1"
    confirmed_by = ExperimentKind.GARBLED
    words = frozenset({"coding", "encoding", "fileencoding"})

    def check_file(self, context: FileContext) -> Iterator[Diagnostic]:
        """Report the coding comment."""
        if not context.is_packaged or context.project.runtime == "tpkg" or context.source.isascii():
            return
        found = _cookie(context.source)
        if found is None or _is_utf8(found[0]) or not _matters(context.source):
            return
        name, span = found
        yield context.finding(
            self,
            span,
            f"{owner(context)} stores this file in UTF-8 and reads it as {name}: its text is garbled there",
            symbol=name,
            help="save the file in UTF-8",
            fix=Fix("Save the file in UTF-8", (Edit(context.path, span, "utf-8"),), is_safe=True),
        )


def _cookie(source: str) -> tuple[str, Span] | None:
    for number, line in enumerate(source.split("\n", 2)[:2], 1):
        if found := _COOKIE.match(line):
            return found["name"], Span(number, found.start("name") + 1, number, found.end("name") + 1)
        if not _BLANK.match(line):
            return None
    return None


def _is_utf8(name: str) -> bool:
    try:
        return codecs.lookup(name).name in ("utf-8", "utf-8-sig")
    except LookupError:
        return True  # then the file cannot be decoded at all, which TPK001 says


def _matters(source: str) -> bool:
    """Tell whether more than comments holds characters outside of ASCII."""
    try:
        tokens = list(tokenize.generate_tokens(io.StringIO(source).readline))
    except (tokenize.TokenError, SyntaxError):
        return False
    return any(not token.string.isascii() for token in tokens if token.type != tokenize.COMMENT)
