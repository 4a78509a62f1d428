"""What a name refers to, by Python's rules of visibility."""

from pathlib import Path

import libcst as cst
import pytest

from tpkg_analyzer.rule.module import AnalyzedModule


def targets(source: str, name: str = "pkg.mod", is_package: bool = False) -> list[str | None]:
    """Return what the functions that are called in `source` refer to, in the order of the text."""
    module = AnalyzedModule(Path("mod.py"), name, is_package, source)
    return [module.qualified(call.func, scope) for call, scope in module.sites(cst.Call)]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("import a.b\na.b.c()", ["a.b.c"]),
        ("import a.b as x\nx.c()", ["a.b.c"]),
        ("from a import b as c\nc()", ["a.b"]),
        ("from . import b\nb.f()", ["pkg.b.f"]),
        ("from .. import b\nb()", [None]),
        ("def f(): pass\nf()", ["pkg.mod.f"]),
        ("len()", ["builtins.len"]),
        ("nothing()", [None]),
        ("import a\ndef f(a):\n    a.b()", [None]),
        ("import a\ndef f():\n    a = 1\n    a.b()", [None]),
        ("import a\ndef f():\n    a.b()\n    import a", ["a.b"]),
        ("def f():\n    global a\n    import a\na.b()", ["a.b"]),
        ("class C:\n    import a\n    a.b()\n    def m(self):\n        a.b()", ["a.b", None]),
        ("import a\n[a() for a in x]", [None]),
        ("import a\n[a() for b in x]", ["a"]),
        ("import a\nlambda a: a()", [None]),
        ("import a\ndef f(x=a()): pass", ["a"]),
        ("try:\n    import a\nexcept ImportError:\n    a = None\na.b()", ["pkg.mod.a.b"]),
        ("import a\ndef f():\n    def g():\n        nonlocal b\n        b = 1\n    b = a\n    b()", [None]),
        ("if (n := len(x)):\n    n()", ["builtins.len", "pkg.mod.n"]),
        ("f().g()", [None, None]),
    ],
)
def test_what_a_call_refers_to(source: str, expected: list[str | None]) -> None:
    assert targets(source) == expected


def test_a_package_imports_relative_to_itself() -> None:
    assert targets("from . import b\nb()", "pkg", is_package=True) == ["pkg.b"]


def test_spans_count_code_points_from_one() -> None:
    module = AnalyzedModule(Path("mod.py"), "mod", False, "x = '😀é'; f(\n  1)\n")
    [call] = [node for node, _ in module.sites(cst.Call)]
    span = module.span(call)
    assert (span.line, span.column, span.end_line, span.end_column) == (1, 11, 2, 5)
