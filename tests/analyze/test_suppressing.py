"""Comments for findings: behind the line where that can be, and read back as suppressions of these findings."""

from pathlib import Path

import pytest

from tpkg_analyzer.analyze.suppressing import with_ignores
from tpkg_analyzer.analyze.suppressions import suppressions_in, unsuppressed
from tpkg_analyzer.model.diagnostic import Diagnostic, Severity
from tpkg_runtime.spec.source import Span


def at(line: int, code: str = "TPK301", name: str = "model.py") -> Diagnostic:
    return Diagnostic(code, "example", "said", Severity.ERROR, Path(name), Span(line, 1, line, 2))


@pytest.mark.parametrize(
    ("text", "findings", "expected"),
    [
        ("a = []\nb = 1\n", [at(1)], "a = []  # tpkg: ignore[TPK301]\nb = 1\n"),
        ("a = []\r\nb = 1\r\n", [at(1)], "a = []  # tpkg: ignore[TPK301]\r\nb = 1\r\n"),
        ("a = []", [at(1), at(1, "TPK202")], "a = []  # tpkg: ignore[TPK202, TPK301]"),
        ("a = []  # why\n", [at(1)], "a = []  # why  # tpkg: ignore[TPK301]\n"),
        ("a = []  # tpkg: ignore[TPK202] -- x\n", [at(1)], "a = []  # tpkg: ignore[TPK202, TPK301] -- x\n"),
        ('a = f("""x\ny""", [])\n', [at(1)], 'a = f("""x\ny""", [])  # tpkg: ignore[TPK301]\n'),
        ("a = \\\n    []\n", [at(1)], "a = \\\n    []  # tpkg: ignore[TPK301]\n"),
        ("a = [\n    1,\n]\n", [at(1)], "a = [  # tpkg: ignore[TPK301]\n    1,\n]\n"),
        ("def f(:\n", [at(1, "TPK001")], "def f(:\n"),
    ],
)
def test_comments(text: str, findings: list[Diagnostic], expected: str) -> None:
    written = with_ignores(text, findings)
    assert written == expected
    if expected != text:
        read = suppressions_in(written.replace("\r\n", "\n"))
        assert list(unsuppressed(findings, read)) == []


def test_reasons_and_other_files_than_python() -> None:
    written = with_ignores('modules = ["a"]\n', [at(1, "TPK101", "tpkg-lint.toml")], "known")
    assert written == 'modules = ["a"]  # tpkg: ignore[TPK101] -- known\n'
    read = suppressions_in(written, is_python=False)
    assert [item.words for item in read] == [("TPK101",)]


def test_a_comment_without_a_reason_is_given_one_and_keeps_its_own() -> None:
    text = (
        "a = []  # tpkg: ignore[TPK202]\nb = []  # tpkg: ignore[TPK202] -- old\nc = []  # tpkg: ignore[TPK202]  # x\n"
    )
    assert with_ignores(text, [at(1), at(2), at(3)], "new") == (
        "a = []  # tpkg: ignore[TPK202, TPK301] -- new\n"
        "b = []  # tpkg: ignore[TPK202, TPK301] -- old\n"
        "c = []  # tpkg: ignore[TPK202, TPK301] -- new  # x\n"
    )
