"""What a body binds in its module is the same whether its text or its tree is asked."""

import ast
import sysconfig
from pathlib import Path

import pytest

from tpkg_analyzer.scan.bodies import binding_words, bound_by_function
from tpkg_analyzer.scan.strings import triple_quoted
from tpkg_analyzer.scan.toplevel.late import late_names

STANDARD = Path(sysconfig.get_path("stdlib"))

TOLD = {
    "global a": ["a"],
    "global a, b  # and no other": ["a", "b"],
    "if x:\n        global a\n    global b": ["a", "b"],
    "'''\n    global a\n    '''\n    global b": ["b"],
    "x = 'global a'": [],
    '# global a\n    x = "it\'s global"': [],
    "return global_a, b.global_rank, globally": [],
    "return globals, f(globals)": [],
    "return globals().get('a'), globals().items()": [],
    "return x.globals(), my_globals()": [],
    "setattr(self, name, value)": [],
    "setattr(\n        cls.a, name, value)": [],
    "setattr(x.y, name, value); setattr(x[0], name, value); setattr(f(), name, value)": [],
    "setattr(x, 'a', value)": [],
    "x.setattr(y, name, value); object.__setattr__(x, name, value); map(setattr, x)": [],
    "return self.__dict__, f().__dict__, (x).__dict__, '__dict__', __dict__": [],
    "# what __dict__ holds\n    return x": [],
}
LEFT_TO_THE_TREE = [
    "x = 1; global a",
    "global \\\n        a",
    "x = 'a\\\n    b'; global a; y = 'c'",
    "globals()[name] = value",
    "return name in globals()",
    "(globals)()[name] = value",
    "globals ()[name] = value",
    "setattr(x, name, value)",
    "setattr (x, name, value)",
    "setattr(x, 'a' + name, value)",
    "setattr(selves, name, value)",
    "(setattr)(x, name, value)",
    "sys.modules[name].__dict__[a] = value",
    "(sys.modules[name]).__dict__[a] = value",
    "sys.modules[name]. \\\n        __dict__[a] = value",
]


def told(source: str) -> list[str] | None:
    """Return what the text of a function from its second line on tells."""
    strings = triple_quoted(source)
    assert strings is not None
    words = binding_words(source)
    return [] if words is None else bound_by_function(source, source.index("\n"), len(source), strings, words)


@pytest.mark.parametrize("body", TOLD)
def test_what_is_told(body: str) -> None:
    source = f"def f(self, cls, x):\n    {body}\n"
    assert told(source) == TOLD[body]
    assert late_names(ast.parse(source), source) == set(TOLD[body])


@pytest.mark.parametrize("body", LEFT_TO_THE_TREE)
def test_what_is_left_to_the_tree(body: str) -> None:
    source = f"def f(self, cls, x):\n    {body}\n"
    ast.parse(source)
    assert told(source) is None


@pytest.mark.parametrize(
    ("before", "is_new"),
    [
        ("made = build(x)", True),
        ("made = type(name, (), {})", True),
        ("made = import_module(x)", False),
        ("made = build(x)\n    made = x", False),
        ("made = build(x)\n    for made in x: pass", False),
        ("made = sys.modules[name]", False),
        ("made = self.module", False),
        ("import made", False),
        ("x = build(x)\n    made = x", False),
    ],
)
def test_what_a_function_has_made_is_not_its_module(before: str, is_new: bool) -> None:
    source = f"def f(self, cls, x):\n    {before}\n    setattr(made, name, value)\n"
    whole = f"{source}OWN = sys.modules[__name__]\n"
    assert late_names(ast.parse(source), source, whole) == (set() if is_new else None)
    asks = any(word in before for word in ("import made", "sys.", "import_module"))
    assert late_names(ast.parse(source), source) == (None if asks else set())


def test_names_of_no_function_may_stand_for_the_module() -> None:
    source = "import p\ndef f(name):\n    setattr(p, name, 1)\n"
    assert late_names(ast.parse(source), source) is None


def test_functions_of_the_standard_library() -> None:
    n_told = n_bound = 0
    for path in sorted(STANDARD.glob("*.py"))[::3]:
        lines = path.read_text("utf-8").splitlines(keepends=True)
        for node in ast.parse("".join(lines)).body:
            if not isinstance(node, ast.FunctionDef) or node.body[0].lineno == node.lineno:
                continue
            source = "".join(lines[node.lineno - 1 : node.end_lineno])
            found = told(source) if triple_quoted(source) is not None else None
            if found is not None:
                assert set(found) == late_names(ast.parse(source), source)
                n_told, n_bound = n_told + 1, n_bound + len(found)
    assert (n_told > 100, n_bound > 5) == (True, True)
