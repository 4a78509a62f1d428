"""Facts are the same whether all of a source is parsed or only what can matter."""

import ast
import random
import sysconfig
import textwrap
import warnings
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from textwrap import dedent

import pytest

from tpkg_analyzer.scan import facts, signatures
from tpkg_analyzer.scan.facts import ModuleFacts, Problem, TopLevel, read_facts, read_top_level
from tpkg_analyzer.scan.signatures import Signature
from tpkg_analyzer.scan.skeleton import Part, Skeleton, skeleton_of
from tpkg_analyzer.scan.toplevel.outline import outline_of_class
from tpkg_analyzer.scan.toplevel.uses import annotations_of, calls_in, defaults_of, uses_in

STANDARD = Path(sysconfig.get_path("stdlib"))
INSTALLED = Path(sysconfig.get_path("purelib"))
_FILLER = "    value = first + second  # what a body is made of, long enough to be worth leaving out\n"


@pytest.fixture(autouse=True)
def _no_warnings() -> Iterator[None]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SyntaxWarning)
        warnings.simplefilter("ignore", DeprecationWarning)
        yield


def whole(data: bytes, monkeypatch: pytest.MonkeyPatch) -> ModuleFacts:
    """Return the facts of a source that is parsed whole."""
    with monkeypatch.context() as patch:
        patch.setattr(facts, "skeleton_of", lambda _source, _part: None)
        return read_facts(data)


def is_parsed(source: str | bytes) -> bool:
    try:
        ast.parse(source)
    except (SyntaxError, ValueError):
        return False
    return True


def top_level(facts_of_all: ModuleFacts) -> TopLevel:
    """Return what the scan of the top level alone should find in a source with these facts."""
    problem = facts_of_all.problem
    stops: Problem | None = problem if problem is not None and problem.stops_import else None
    return TopLevel(facts_of_all.digest, stops, facts_of_all.packed_outline)


def differing(paths: Iterator[Path], monkeypatch: pytest.MonkeyPatch) -> tuple[list[Path], int]:
    """Return the files whose facts differ, and how many were read."""
    wrong, n_read = [], 0
    for path in paths:
        data = path.read_bytes()
        expected = whole(data, monkeypatch)
        compiled = expected.problem is None or not expected.problem.stops_import
        n_read += 1
        found = read_facts(data, is_compiled=compiled), read_top_level(data, is_compiled=compiled)
        is_told = compiled or not is_parsed(data)  # what nobody packs is not compiled
        if found[0] != expected or (is_told and found[1] != top_level(expected)):
            wrong.append(path)
    return wrong, n_read


def test_some_files_of_the_standard_library(monkeypatch: pytest.MonkeyPatch) -> None:
    paths = sorted(STANDARD.glob("*.py"))[::4]
    wrong, n_read = differing(iter(paths), monkeypatch)
    assert (wrong, n_read > 30) == ([], True)


def test_classes_of_the_standard_library() -> None:
    wrong, n_read = [], 0
    for path in islice(sorted(STANDARD.glob("*.py")), 40, 120):
        source = path.read_text(encoding="utf-8")
        lines = source.split("\n")
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.ClassDef):
                text = dedent("\n".join(lines[node.lineno - 1 : node.end_lineno])) + "\n"
                skeleton = skeleton_of(text, Part.TOP_LEVEL)
                if skeleton is None or text.startswith(" "):  # a string goes beyond the indentation
                    continue
                whole, part = (ast.parse(item).body[0] for item in (text, skeleton.text))
                assert isinstance(whole, ast.ClassDef)
                assert isinstance(part, ast.ClassDef)
                n_read += 1
                if outline_of_class(whole, Skeleton(text)) != outline_of_class(part, skeleton):
                    wrong.append((path, node.name))
    assert not wrong
    assert n_read > 100


@pytest.mark.slow
@pytest.mark.parametrize("folder", [STANDARD, INSTALLED], ids=["standard library", "installed"])
def test_files_of_whole_installations(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    paths = islice(sorted(folder.rglob("*.py")), 0, None, 9)
    wrong, n_read = differing(paths, monkeypatch)
    assert (wrong, n_read > 150) == ([], True)


@pytest.mark.slow
def test_broken_files(monkeypatch: pytest.MonkeyPatch) -> None:
    chance = random.Random(4)
    for path in sorted(STANDARD.glob("*.py"))[::5]:
        lines = path.read_text("utf-8").splitlines(keepends=True)
        for _ in range(4):
            place = chance.randrange(len(lines))
            added = chance.choice(['"""', "'", "(", ")", "# ", "\\\n", "    ", "\t", "def f(x):\n", "\0", "\r"])
            data = "".join([*lines[:place], added, *lines[place:]]).encode()
            expected = whole(data, monkeypatch)
            found = read_facts(data), read_top_level(data)
            assert found == (expected, top_level(expected)), (path, place, added)


ODD = {
    "a body at the end": "def f():\n{body}",
    "a comment that is less indented": "def f():\n{body}# here\n    return 1\nx = 1\n",
    "a comment at the end of a body": "def f():\n{body}    # here\n\nx = 1\n",
    "a string at the margin": "def f():\n{body}    x = '''\nimport a\ndef g():\n    pass\n'''\nimport b\n",
    "a string after the body": "def f():\n{body}\n'''\ntext\n'''\nimport b\n",
    "quotes in a comment": 'def f():\n    # it\'s """ here\n{body}x = 1\n',
    "quotes in a string": 'def f():\n    x = \'"""\'\n{body}\nimport b\n',
    "a continued string": "def f():\n{body}    x = 'a\\\nimport b'\n    return x\nimport c\n",
    "a continued line": "def f():\n{body}    x = 1 + \\\n2\n    return x\nimport c\n",
    "a bracket at the margin": "def f():\n{body}    x = (\n1,\n)\n    return x\nimport c\n",
    "several lines of parameters": "def f(\n    a=')',\n    b=(1, 2),  # ):\n):\n{body}import c\n",
    "a lambda in a default": "def f(a=lambda x: (x):\n{body}import c\n",
    "a table in a default": "def f(a={{\n    (1):\n        name,\n}}):\n{body}import c\n",
    "a body on one line": "def f(): return 1\ndef g():\n{body}import c\n",
    "an import": "def f():\n{body}    import a\nimport b\n",
    "an import in a docstring": "def f():\n    '''\n    import a\n    '''\n{body}import b\n",
    "a call of __import__": "def f():\n{body}    return __import__('a')\nimport b\n",
    "a global": "def f():\n{body}    global late\n    late = 1\nfrom b import c\n",
    "globals": "def f(n):\n{body}    globals()[n] = 1\n",
    "methods": "class A(B):\n    def f(self):\n    {body}    @property\n    def g(self):\n    {body}    x = y\n",
    "an inner function": "def f():\n    def g():\n    {body}    return g\n@f\ndef h(a=f):\n{body}",
    "async": "async def f():\n{body}    await x\nasync  def  g ():\n{body}import a\n",
    "tabs": "def f():\n\tx = 1\n\tx = 1\n{body}import a\n",
    "odd line ends": "def f():\r\n    x = 1\r\n    import a\r\nimport b\r\ndef g():\n{body}",
    "a form feed": "\f\ndef f():\n{body}\f\nimport a\n",
    "an error in a body": "def f():\n{body}    x = = 1\nimport a\n",
    "a return outside": "def f():\n{body}return 1\n",
    "a null": "def f():\n{body}    x = '\0'\n",
    "nothing in a body": "def f():\n    # only this comment, which is no statement and long enough to go\nx = 1\n",
    "a deep expression": "def f():\n{body}    return " + " + ".join(["x"] * 600) + "\nimport a\n",
    "a deep expression of words": "def f():\n{body}    return " + "not " * 600 + "x\nimport a\n",
    "a deep expression outside": "def f():\n{body}x = " + " + ".join(["x"] * 600) + "\n",
    "a deep annotation": "def f(a: " + ".".join(["x"] * 600) + "):\n{body}",
    "a deep decorator": "@" + ".".join(["x"] * 600) + "\ndef f():\n{body}",
    "a long chain of branches": "def f():\n{body}    if a: pass\n" + "    elif a: pass\n" * 480 + "    else: x = -a\n",
    "a signature that looks things up": "import a\ndef f(x: a.b = c, *y: d, z=e.f) -> 'g':\n{body}import b\n",
    "a signature over lines": "def f(\n    x: int = 1,\n    y: str = '',\n) -> None:\n{body}def g(x=f): 0\nimport b\n",
    "signatures below one another": "class A:\n    def f(self, x=1): 0\n    def g(self, x: A):\n    {body}import b\n",
    "deferred annotations": "from __future__ import annotations\ndef f(x: a.b = c):\n{body}import b\n",
    "a deep default": "def f(a=" + "[" * 300 + "]" * 300 + "):\n{body}",
    "functions in a row": "def f(x=a.b):\n{body}\n\n# text\nasync def g(y: f = f) -> h:\n{body}def h(z=g): 0\n",
    "functions in branches": "if a:\n def f():\n{body} def g():\n{body}else:\n def f():\n{body}def g(x=f):\n{body}",
    "functions among steps": "class A:\n if a: b = 1\n def f():\n{body} async  def g(x=f, y=b):\n{body} c = g\n",
    "short functions": "class A:\n def f(self): 0\n def g(self):\n  0\n def h(self):\n  0\nimport b\n",
    "a decorator above a comment": "@a\n# def g(x):\n\ndef f():\n{body}import b\n",
    "a decorator over lines": "@a(\n'''\ndef g(x):\n''')\ndef f():\n{body}@b\n@c\nasync def f():\n{body}",
    "a decorator of another": "@a\ndef f(): 0\ndef g():\n{body}@a\nclass B:\n x = 1\n def f():\n{body}def h():\n{body}",
    "decorators that are none": "x = '''\n@a\n'''\nx = a \\\n@ b\ndef f():\n{body}x = (a\n@b)\ndef f():\n{body}",
    "a def on a second line": "async \\\ndef f():\n{body}import b\n",
    "a name beyond ASCII": "def ﬁ():\n{body}def g(x=fi):\n{body}import b\n",
    "a decorator before odd line ends": "@a\nclass B:\n x = '\x85 \u2028'\n z = 1\nimport q\n@a\ndef f():\n{body}",
    "a function that only the parser sees": "if a:\n @a\n def\tg(): 0\nelif a:\n import q\n def f():\n {body}",
    "a global behind a string": "def f():\n{body}    x = '''\n  say \"text'''; global late\n    late = 1\n",
    "a global behind another statement": "def f():\n{body}    x = '\"'; global late # '\n    late = 1\n",
    "many globals in a string": "def f():\n{body}    x = [" + "'global a', " * 500 + "]\nimport b\n",
    "a number before a word": "def f(a=1or b, c=0x1and d):\n{body}import b\n",
    "groups of exceptions": "try:\n def f():\n {body} import a\nexcept* ImportError:\n a = None\n def g():\n {body}",
    "letters beyond ASCII": "def f():\n    x = 'é'\n{body}x = 'é'; import á\n",
}


@pytest.mark.parametrize("case", ODD)
@pytest.mark.parametrize("n_lines", [1, 30])
def test_odd_sources(case: str, n_lines: int, monkeypatch: pytest.MonkeyPatch) -> None:
    source = ODD[case].replace("{{", "{").replace("}}", "}").replace("{body}", _FILLER * n_lines)
    # Among other functions, so that there is something to leave out in any case.
    around = f"def before():\n{_FILLER * 20}\nimport first\n"
    for text in (source, f"{around}\n{source}", f"{source}\n{around}"):
        data = text.encode()
        expected = whole(data, monkeypatch)
        assert read_facts(data) == expected
        if expected.problem is None or not is_parsed(text):  # what nobody packs is not compiled
            assert read_top_level(data) == top_level(expected)
        if expected.problem is None or not expected.problem.stops_import:
            assert read_facts(data, is_compiled=True) == expected
            assert read_top_level(data, is_compiled=True) == top_level(expected)


def test_what_is_left_out() -> None:
    source = f"import a\ndef f():\n    '''Text.'''\n{_FILLER * 3}\n    # end\n\nclass A:\n  def g(self):\n{_FILLER}"
    left = skeleton_of(source)
    assert left is not None
    assert [line.strip() for line in left.text.splitlines() if line] == [
        "import a",
        "pass",
        "# end",
        "class A:",
        "pass",
    ]
    assert list(left.functions) == [6, 12]
    ends = [
        [node.end_lineno for node in ast.walk(ast.parse(text)) if isinstance(node, ast.stmt)]
        for text in (source, left.text)
    ]
    assert max(filter(None, ends[0])) == max(filter(None, ends[1]))


def test_a_source_with_nothing_to_leave_out() -> None:
    assert skeleton_of("import a\nx = 1\n") is None


def test_what_is_left_of_the_top_level() -> None:
    source = f"import a\n@a\n@a.b\ndef f(x=a):\n    import b\n{_FILLER * 3}def g(): 0\nclass A:\n{_METHODS}"
    everything, left = skeleton_of(source), skeleton_of(source, Part.TOP_LEVEL)
    assert everything is not None
    assert left is not None
    assert [line.strip() for line in left.text.splitlines() if line] == ["import a", "pass", *_AFTER]
    assert [line.strip() for line in everything.text.splitlines() if line][-len(_AFTER) :] == _AFTER
    assert "import b" in everything.text
    (function,) = left.functions[8]
    assert function[:5] == ("f", 4, 8, 0, False)
    assert [ast.unparse(decorator) for decorator in function.decorators] == ["a", "a.b"]
    assert function.signature.defaults == (("a", None),)
    assert left.functions[14] == [
        ("g", 11, 12, 4, False, (), ((("y", None),), (("int", None),), (), ())),
        ("h", 13, 14, 4, True, (), ((), (), (), ())),
    ]


_AFTER = ["def g(): 0", "class A:", "pass"]
_METHODS = f"    def g(self, x: int = y):\n    {_FILLER}    async def h(self):\n    {_FILLER}"

SIGNATURES = [
    "",
    "a, b",
    "self, *, a",
    "a, /, b=1, *c, d=-1, **e",
    "a: int, b: x.y.z = p.q, *c: d, e: f = g, **h: i",
    "a: list[dict[str, x.y | None]] = None, b: 'C.d' = \"e.f\"",
    "\n    a,\n    b: int,\n",
    "a=1e5, b=0x1F, c=.5, d=1.0, e=1_000",
    "a=(), b=[], c={}, d=[x, 'y', z.w]",
    "a: Callable[..., x], b=...",
    "a=True, b=None, c=False, d=__debug__",
]
ODD_SIGNATURES = [
    "a=f()",
    "a=f'{x}'",
    "a=b'x'",
    "a=lambda: x",
    "a=x if y else z",
    "a=x and y",
    "a=x[1].y",
    "a=x . y",
    "a=x. y",
    "a='x'.y",
    "a=1 .real",
    "a=[x for x in y]",
    "a=(b := c)",
    "a=x()",
    "a: x(y.z) = 1, *b: c()",
    "a=x ()",
    "a=x[y]()",
    "a={x: y}",
    "a=ª",
    "a=x,  # text",
]


@pytest.mark.parametrize("parameters", [*SIGNATURES, *ODD_SIGNATURES])
@pytest.mark.parametrize("result", ["", " -> x.y", " -> 'z' "])
def test_signatures_look_up_what_their_trees_do(parameters: str, result: str) -> None:
    end = "\n)" if "#" in parameters else ")"
    text = f"{parameters}{end}{result}:\n"
    function = ast.parse(f"def f({text} 0").body[0]
    assert isinstance(function, ast.FunctionDef)
    annotations = annotations_of(function.args, function.returns)
    expected = Signature(
        tuple(uses_in(defaults_of(function.args))),
        tuple(uses_in(annotations)),
        tuple(calls_in(defaults_of(function.args))),
        tuple(calls_in(annotations)),
    )
    assert signatures.signature_of(text) == expected
    assert signatures._read(text) == (None if parameters in ODD_SIGNATURES else expected)


def test_no_signatures() -> None:
    assert [signatures.signature_of(text) for text in ("a=:\n", "): 0\ndef g(a):\n", "a=b\n")] == [None] * 3


DECORATED = [
    "@a\n",
    "@a.b(c, d=e)\n# text\n@f\n\n",
    "@a(\n'@b',\n)\n@c\n",
    "",
    "@a\nclass B:\n    x = 1\n@c\n@d\n",
    "@a\nclass B:\n    x = 1\n",
    "@a\ndef g(): 0\nx = 1\n@b\n",
]
NOT_DECORATED = ["@a(\n", "x = (\n@a\n", "@a\nclass B:\n", "@a\nx = 1\n"]


@pytest.mark.parametrize("column", [0, 3])
@pytest.mark.parametrize("above", [*DECORATED, *NOT_DECORATED])
def test_decorators_are_those_of_the_tree(above: str, column: int) -> None:
    source = textwrap.indent(f"{above}def f(): 0\n", " " * column)
    text = source.rpartition(" " * column + "def")[0]
    found = signatures.decoration_of(text, column)
    assert (found is None) == (above in NOT_DECORATED)
    if found is not None:
        function = ast.parse(f"{above}def f(): 0\n").body[-1]
        assert isinstance(function, ast.FunctionDef)
        assert [*map(ast.unparse, found.decorators)] == [*map(ast.unparse, function.decorator_list)]
        first = function.decorator_list[0].lineno if function.decorator_list else function.lineno
        assert text[len(text) - found.length :].count("\n") == function.lineno - first
