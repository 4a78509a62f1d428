"""Files that are parsed a piece at a time have the tree that they have in one piece."""

import asyncio
import sysconfig
from pathlib import Path

import libcst as cst
import pytest

from tpkg_analyzer.rule.parsing import parse

_SMALL = 10
"""Characters: so that nearly each statement is a piece of its own."""

TEXTS = {
    "comments": "# a\n\n# b\nx = 1\n# c\n\n\ndef f():\n    pass\n    # in f\n# d\n\n@g\n# e\n@h\nclass C: ...\n# end\n",
    "semicolons": "import a; import b\nx = 1; \\\ny = 2\nif x: pass; y\nz = 3;\n",
    "many lines": 'x = """\n\ny = 1\n"""; y = (\n2)\nz = [\n]\ndef f(a,\n      b): return a\n',
    "CRLF": "import a\r\n\r\n# b\r\ndef f():\r\n    return 1\r\n\r\nx = 1\r\n",
    "form feeds": "import a\n\f\nimport b\n\f\ndef f():\n    pass\n\f\nx = 1\n",
    "no last line break": "import a\nimport b\nx = 'é𝒳'\ny = 1",
    "blanks after": "import a\nimport b\nx = 1\n\n   \n",
    "tabs": "def f():\n\treturn 1\ndef g():\n\treturn 2\nx = 1\n",
    "mixed": "def f():\n\treturn 1\ndef g():\n    return 2\nx = 1\nclass C:\n  x = 1\n",
    "deeper first": "def f():\n        return 1\ndef g():\n    return 2\nx = 1\n",
    "nothing": "",
    "comments alone": "# a\n\n# b\n",
}


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_the_same_tree(text: str) -> None:
    """What a tree says of layout is the same as well."""
    whole, pieces = cst.parse_module(text), parse(text, _SMALL)
    assert pieces.deep_equals(whole)
    assert pieces.code == whole.code


@pytest.mark.parametrize(
    "path",
    [
        *sorted(Path(asyncio.__file__).parent.glob("*.py")),
        *sorted(Path(sysconfig.get_path("stdlib"), "email").glob("*.py")),
    ],
    ids=lambda path: path.name,
)
def test_the_same_tree_of_real_files(path: Path) -> None:
    """Statement by statement, which is harder than what happens with files of their size."""
    text = path.read_text(encoding="utf-8")
    assert parse(text, _SMALL).deep_equals(cst.parse_module(text))


@pytest.mark.parametrize(
    "text", ["import a\nimport b\nx = = 1\n", "import a\nimport b\nx = (\n", "x = 1\n  y = 2\nz = 3\n"]
)
def test_the_same_error(text: str) -> None:
    """At its place in the whole."""
    with pytest.raises(cst.ParserSyntaxError) as whole:
        cst.parse_module(text)
    with pytest.raises(cst.ParserSyntaxError) as pieces:
        parse(text, _SMALL)
    assert str(pieces.value) == str(whole.value)
