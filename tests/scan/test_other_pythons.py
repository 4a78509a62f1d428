"""Sources as the target takes them, whichever Python runs the scan: the other Pythons of this machine are asked."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.packaging.interpreters import interpreter
from tpkg_analyzer.scan.environment import StaticEnvironment
from tpkg_analyzer.scan.facts import ModuleFacts, Stops, read_facts, read_top_level
from tpkg_analyzer.scan.reader import FactsReader
from tpkg_analyzer.session.kept import KeptFacts
from tpkg_analyzer.sources.compiler import RUNNING, Compiler, UnansweredError, compiler_of
from tpkg_analyzer.sources.files import Disk
from tpkg_analyzer.sources.interpreter import ask_interpreter
from tpkg_analyzer.sources.store import Store

SOURCES = {
    "type statement": "type X = int\n",
    "type parameters": "class C[T]: pass\n",
    "default of a type parameter": "class C[T = int]: pass\n",
    "quotes within quotes": 'k = \'a\'\nx = f"{k + "a"}"\n',
    "backslash in an f-string": "x = f\"{'\\n'.join([])}\"\n",
    "comment in an f-string": 'x = f"""{\n1 # one\n}"""\n',
    "except*": "try: pass\nexcept* ValueError: pass\n",
    "starred item": "def f(a, b): return a[*b]\n",
    "starred annotation": "def f(*a: *tuple[int]): pass\n",
    "match": "match 1:\n  case 1: pass\n",
    "contexts in brackets": "with (open('x') as a, open('y') as b): pass\n",
    "asynchronous comprehension": "async def f(): return [[x async for x in y] for y in z]\n",
    "newer names": "import json\nx = f'{json}'\n",
    "return outside of a function": "return 1\n",
    "nothing finished": "def f(:\n  pass\n",
}
TARGETS = [minor for minor in range(10, 15) if (3, minor) != RUNNING]


def other_python(minor: int) -> tuple[str, Compiler]:
    found = interpreter(minor)
    if found is None:
        pytest.skip(f"there is no CPython 3.{minor} here")
    return found, Compiler(found, (3, minor))


def compiles(python: str, source: str) -> bool:
    code = "import sys; compile(sys.stdin.read(), 'source', 'exec')"
    return subprocess.run([python, "-W", "ignore", "-c", code], input=source, text=True, stderr=-3).returncode == 0


@pytest.mark.parametrize("minor", TARGETS)
def test_a_source_is_wrong_where_the_target_does_not_compile_it(minor: int) -> None:
    python, compiler = other_python(minor)
    for name, source in SOURCES.items():
        is_right = compiles(python, source)
        for facts in (
            read_facts(source.encode(), (3, minor), compiler=compiler),
            read_top_level(source.encode(), (3, minor), compiler=compiler),
        ):
            assert (facts.problem is None or not facts.problem.stops_import) is is_right, name


@pytest.mark.parametrize("minor", TARGETS)
def test_an_error_is_where_the_target_sees_it(minor: int) -> None:
    _, compiler = other_python(minor)
    problem = read_facts(b"import a\n\nx = = 1\n", (3, minor), compiler=compiler).problem
    assert problem is not None
    assert (problem.message, problem.span.line, problem.span.column) == ("invalid syntax", 3, 5)


@pytest.mark.skipif(RUNNING >= (3, 12), reason="this Python reads what the target does")
def test_what_only_the_target_reads_tells_its_imports() -> None:
    _, compiler = other_python(12)
    facts = read_facts(b"import a\ntype X = int\nfrom .b import c\n", (3, 12), compiler=compiler)
    assert facts.problem is not None
    assert facts.problem.stops is Stops.READING
    assert facts.problem.message == (
        "not checked, Python 3.12 compiles it, and tpkg-lint runs under "
        f"Python 3.{RUNNING[1]}, which says: invalid syntax"
    )
    assert [(item.module, item.name, item.level, item.span.line) for item in facts.imports] == [
        ("a", None, 0, 1),
        ("b", "c", 1, 3),
    ]


def test_what_nobody_can_be_asked_about_is_no_error_under_a_newer_target() -> None:
    newer = (3, RUNNING[1] + 1)
    problem = read_facts(b"x = = 1\n", newer).problem
    assert problem is not None
    assert problem.stops is Stops.READING
    assert problem.message.startswith(f"not checked, it may be as Python 3.{newer[1]} wants it: tpkg-lint runs under")


def test_what_nobody_can_be_asked_about_is_an_error_under_an_older_target() -> None:
    problem = read_facts(b"x = = 1\n", (3, RUNNING[1] - 1)).problem
    assert problem is not None
    assert problem.stops_import


@pytest.mark.parametrize("executable", ["/nowhere/python", sys.executable])
def test_who_is_not_that_python_is_not_asked(executable: str) -> None:
    compiler = Compiler(executable, (3, RUNNING[1] + 1))
    with pytest.raises(UnansweredError):
        compiler.refusal("x = 1\n")
    assert not compiler.is_answering
    assert compiler.imports("import a\n") == ()


def test_own_python_is_not_asked() -> None:
    assert compiler_of(ask_interpreter(sys.executable)) is None


@pytest.mark.skipif(RUNNING >= (3, 12), reason="this Python reads what the target does")
def test_an_import_of_what_only_the_target_reads_is_believed(tmp_path: Path) -> None:
    python, _ = other_python(12)
    (tmp_path / "user.py").write_text("import newer\nfrom newer import gone\n")
    (tmp_path / "newer.py").write_text("type X = int\n")
    environment = StaticEnvironment(Disk(), ask_interpreter(python), [str(tmp_path)])
    assert environment.verdict("user").is_importable
    assert environment.verdict("newer").is_importable
    assert environment.importability.assumed().keys() == {"newer"}


@pytest.mark.parametrize("minor", TARGETS)
def test_a_text_of_an_editor_is_for_the_target_as_well(minor: int) -> None:
    python, compiler = other_python(minor)
    facts = KeptFacts(Disk(), (3, minor), None, compiler)
    source = SOURCES["type statement"]
    problem = facts.problem_of(source)
    assert (problem is None or not problem.stops_import) is compiles(python, source)
    assert facts.problem_of("x = " + " + ".join("y" * 600)) is None  # too deep for the exporter's scan alone


def test_facts_that_another_python_found_are_not_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, newer = tmp_path / "a.py", (3, RUNNING[1] + 1)
    path.write_text("x = = 1\n")

    def facts() -> ModuleFacts:
        store = Store(tmp_path / "cache")
        found = FactsReader(Disk(), newer, store).facts_of(str(path))
        store.close()
        assert found is not None
        return found

    problem = facts().problem
    assert problem is not None
    assert problem.stops is Stops.READING
    for module in ("tpkg_analyzer.scan.facts", "tpkg_analyzer.scan.reader"):
        monkeypatch.setattr(f"{module}.RUNNING", newer)
    problem = facts().problem
    assert problem is not None
    assert problem.stops_import


@pytest.mark.parametrize("minor", TARGETS[:1])
def test_what_was_not_answered_is_asked_again_in_the_next_run(minor: int, tmp_path: Path) -> None:
    python, _ = other_python(minor)
    path, version = tmp_path / "a.py", (3, minor)
    path.write_text("type X = int\n")

    def is_wrong(executable: str) -> bool:
        store = Store(tmp_path / "cache")
        facts = FactsReader(Disk(), version, store, Compiler(executable, version)).facts_of(str(path))
        store.close()
        return facts is not None and facts.problem is not None and facts.problem.stops_import

    is_wrong("/nowhere/python")
    assert is_wrong(python) is (minor < 12)
