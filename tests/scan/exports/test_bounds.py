"""The interpreter of exports ends on any code, and never raises: what is too much makes the package open."""

import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tpkg_analyzer.model.package import Package
from tpkg_analyzer.session.projects import find_projects, open_project

_BLOCK = 'with PackageExporter("a.pt") as exporter:\n'
_START = "from torch.package import PackageExporter\n\n" + _BLOCK
_HUGE = {
    "a doubled text": 'text = "x"\nfor number in range(300):\n    text = text + text\n',
    "a repeated text": 'text = "x" * 10**12\n',
    "a padded text": 'text = "x".ljust(10**12)\n',
    "a formatted width": 'text = "{:>{}}".format("x", 10**12)\n',
    "a percent width": 'text = "%*d" % (10**12, 1)\n',
    "an f-string width": 'text = f"{1:>1000000000000}"\n',
    "replaced text": 'text = "x" * 1000\nfor number in range(30):\n    text = text.replace("x", text)\n',
    "joined text": 'text = "x" * 1000\nfor number in range(30):\n    text = text.join([text] * 100)\n',
    "a large power": "text = str(9**9**9)\n",
    "a large shift": "text = str(1 << 10**12)\n",
    "a long range": "text = '.'.join(str(number) for number in range(10**12))\n",
    "a doubled list": "items = ['x']\nfor number in range(300):\n    items = items + items\ntext = items[0]\n",
    "a list that grows while it is read": "items = ['x']\nfor item in items:\n    items += items\ntext = items[0]\n",
    "nested loops": "text = 'x'\n"
    + "".join(f"{'    ' * n}for a{n} in range(300):\n" for n in range(7))
    + "    " * 7
    + "text = 'y'\n",
    "a product of comprehensions": "text = [x for a in range(900) for b in range(900) for x in range(900)]\n",
    "an endless loop": "text = 'x'\nwhile True:\n    text = 'y'\n    if text == 'z':\n        break\n",
    "a function that calls itself": "def f(x):\n    return f(x) + f(x)\n\n\ntext = f('x')\n",
    "a generator of itself": "def f():\n    yield from f()\n\n\ntext = list(f())\n",
    "a class that is its own base": "class A:\n    pass\n\n\nA = type('A', (A,), {})\ntext = A.name\n",
    "a property of itself": "class A:\n    @property\n    def x(self):\n        return self.x\n\n\ntext = A().x\n",
    "an attribute that sets itself": "class A:\n    def __setattr__(self, name, value):\n        self.x = value\n\n\n"
    "a = A()\na.x = 1\ntext = 'x'\n",
    "a list in itself": "items = []\nitems.append(items)\ntext = str(items)\nif items == items:\n    text = 'x'\n",
    "a module that imports itself": "import export\n\ntext = export.text\n",
    "a deep expression": "text = " + "(" * 80 + "'x'" + ")" * 80 + "".join(" + 'x'" for _ in range(700)) + "\n",
}


def packages_of(folder: Path, text: str) -> list[Package]:
    (folder / "export.py").write_text(text, encoding="utf-8")
    return [
        package for project in find_projects([folder]) for package in open_project(project, sys.executable).packages
    ]


@pytest.mark.parametrize("name", _HUGE)
def test_what_is_too_much_ends(name: str, tmp_path: Path) -> None:
    body = '    exporter.intern("net.**")\n    exporter.extern(text)\n    exporter.save_module("net")\n'
    found = packages_of(tmp_path, _HUGE[name] + _START + body)
    assert all(len(pattern) <= 2_000_000 for package in found for call in package.actions for pattern in call.include)
    assert found


def test_an_expression_of_thousands_of_operators_is_open_by_its_beginning(tmp_path: Path) -> None:
    deep = "text = " + " + ".join(["'x'"] * 1500) + "\n"
    (package,) = packages_of(tmp_path, deep + _START + "    exporter.intern(text)\n")
    assert [item.expression[:9] for item in package.unknown] == ["'x' + 'x'"]


def test_a_number_that_is_no_byte_is_looked_for_in_bytes(tmp_path: Path) -> None:
    text = "text = 'wide.**' if -1 in b'x' else 'net.**'\n"
    assert packages_of(tmp_path, text + _START + "    exporter.intern(text)\n")


_NAMES = st.sampled_from(["a", "b", "exporter", "PackageExporter", "f", "A", "self", "undefined", "str", "sum", "map"])
_ATOMS = st.one_of(
    _NAMES,
    st.sampled_from(["1", "-1", "0", "None", "True", "'net.**'", "b'x'", "1.5", "...", "[]", "{}", "()", "''"]),
)


def _wider(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    pairs = st.tuples(inner, inner)
    operators = st.sampled_from(
        ["+", "-", "*", "/", "//", "%", "**", "@", "&", "|", "^", "<<", ">>", "==", "!=", "<", "in", "and", "or", "is"]
    )
    words = ["append", "format", "split", "join", "items", "pop", "update", "intern", "extern", "save_module", "x"]
    return st.one_of(
        st.builds("({0[0]} {1} {0[1]})".format, pairs, operators),
        st.builds("[{0[0]}, *{0[1]}]".format, pairs),
        st.builds("{{{0[0]}: {0[1]}}}".format, pairs),
        st.builds("{0[0]}[{0[1]}]".format, pairs),
        st.builds("{0[0]}[{0[1]}:]".format, pairs),
        st.builds("{}.{}".format, _NAMES, st.sampled_from(words)),
        st.builds("{}.{}({}, *{})".format, _NAMES, st.sampled_from(words), inner, inner),
        st.builds("{}({}, k={})".format, _NAMES, inner, inner),
        st.builds("(lambda x, y={0[0]}: {0[1]})".format, pairs),
        st.builds("[a for a in {0[0]} if {0[1]}]".format, pairs),
        st.builds("{{a: b for a, b in {0[0]}}}".format, pairs),
        st.builds("({0[0]} if {0[1]} else b)".format, pairs),
        st.builds("f'{{{}}}'".format, _NAMES),
        st.builds("(not {})".format, inner),
        st.builds("getattr({0[0]}, {0[1]}, a)".format, pairs),
    )


_EXPRESSIONS = st.recursive(_ATOMS, _wider, max_leaves=8)


def _indented(lines: str) -> str:
    return "".join(f"    {line}\n" for line in lines.splitlines())


def _blocks(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    heads = st.one_of(
        st.builds("if {}:".format, _EXPRESSIONS),
        st.builds("for a in {}:".format, _EXPRESSIONS),
        st.builds("for a, *b in {}:".format, _EXPRESSIONS),
        st.builds("while {}:".format, _EXPRESSIONS),
        st.builds("with {} as exporter:".format, _EXPRESSIONS),
        st.builds("def f(a, *b, k={}, **c):".format, _EXPRESSIONS),
        st.builds("class A({}):".format, _NAMES),
    )
    return st.one_of(
        st.builds(lambda head, body: f"{head}\n{_indented(body)}", heads, inner),
        st.builds(lambda body, other: f"try:\n{_indented(body)}except E:\n{_indented(other)}", inner, inner),
        st.builds(lambda first, second: f"{first}{second}", inner, inner),
    )


_SIMPLE = st.one_of(
    st.builds("{} = {}\n".format, _NAMES, _EXPRESSIONS),
    st.builds("{} += {}\n".format, _NAMES, _EXPRESSIONS),
    st.builds("a.x = b[{}] = {}\n".format, _EXPRESSIONS, _EXPRESSIONS),
    st.builds("exporter.intern({})\n".format, _EXPRESSIONS),
    st.builds("exporter.save_pickle('p', 'r', {})\n".format, _EXPRESSIONS),
    st.builds("exporter = PackageExporter({})\n".format, _EXPRESSIONS),
    st.builds("del a, b[{}]\n".format, _EXPRESSIONS),
    st.builds("{}\n".format, _EXPRESSIONS),
    st.just("pass\n"),
)
_PROGRAMS = st.recursive(_SIMPLE, _blocks, max_leaves=6)


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(_PROGRAMS, _PROGRAMS)
def test_any_code_is_read_without_an_exception(tmp_path: Path, before: str, inside: str) -> None:
    start = "from torch.package import PackageExporter\n\na = b = ['net']\n"
    packages_of(tmp_path, start + before + _BLOCK + _indented(inside))
