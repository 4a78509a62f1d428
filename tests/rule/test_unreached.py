"""What is taken for code of the host is exactly what a package does not run: the cases are run as a package would."""

import builtins
import sys
from types import CodeType, FrameType, SimpleNamespace
from typing import Any

import pytest

from tpkg_analyzer.rule.unreached import unreached_spans

# Each line that no package runs ends in `# never`; `probe()` calls what the package is to run.
CASES = {
    "dir at the top": """
if "__torch_package__" in dir():
    import torch_package_importer
else:
    import json  # never
""",
    "dir in a function lists its own names": """
def probe():
    if "__torch_package__" in dir():
        return 1  # never
    return 2
""",
    "dir of a class body": """
class Net:
    if "__torch_package__" in dir():
        size = 1  # never
    else:
        size = 2
    if "__torch_package__" not in globals():
        size = 3  # never
""",
    "early return": """
def probe():
    if "__torch_package__" in globals():
        return 1
    text = 2  # never
    return text  # never
""",
    "a return in one branch of two": """
def probe(size=1):
    if "__torch_package__" in globals():
        if size:
            return 1
    return 2
""",
    "the importer of the package": """
try:
    import torch_package_importer as importer
except ImportError:
    importer = None  # never
def probe():
    if importer is not None:
        return 1
    return 2  # never
""",
    "a flag that is set later": """
INSIDE = False
try:
    import torch_package_importer
    INSIDE = True
except ModuleNotFoundError:
    pass  # never
def probe():
    return 1 if INSIDE else (
        2)  # never
""",
    "a return from a try": """
def probe():
    try:
        import torch_package_importer
        return 1
    except ImportError:
        pass  # never
    return 2  # never
""",
    "a try with else": """
def probe():
    try:
        from torch_package_importer import load_text
    except Exception:
        return 1  # never
    else:
        text = 2
    return text
""",
    "suppress": """
from contextlib import suppress
def probe():
    with suppress(ImportError):
        import torch_package_importer
        return 1
    return 2  # never
""",
    "another import may fail in both": """
def probe():
    try:
        import not_there_at_all
        return 1
    except ImportError:
        return 2
""",
    "what is suppressed goes on": """
from contextlib import suppress
def probe():
    with suppress(KeyError):
        return {}["a"]
    return 2
""",
    "the bare mark": """
try:
    __torch_package__
    where = 1
except NameError:
    where = 2  # never
""",
    "a question in a function": """
def in_package():
    return "__torch_package__" in globals()
def probe():
    if not in_package():
        return 1  # never
    return 2
""",
    "a question that is defined twice": """
if "__torch_package__" in dir():
    def in_package():
        return True
else:
    def in_package():  # never
        return False  # never
def probe():
    return (1 if in_package() else
        2)  # never
""",
    "constants that are changed": """
HOOK = None
loading = True
def probe(path=0):
    found = None
    with memoryview(bytes(path)) as found:
        if found:
            return 1
    if HOOK is not None or not loading:
        return 2
    try:
        return 3
    except OSError as found:
        if found:
            return 4
""",
    "questions about others": """
from torch.package import is_from_package
def probe(thing=print):
    if not is_from_package(thing) or not hasattr(thing, "__torch_package__"):
        return 1
    if "__torch_package__" not in thing.__dict__:
        return 2
""",
    "more that may raise": """
try:
    import optional
    import torch_package_importer
except ImportError:
    1
try:
    import torch_package_importer
    torch_package_importer.load_pickle("a", "a.pkl")
except Exception:
    2
try:
    import torch_package_importer
    FOUND = True
except Exception:
    3  # never
""",
    "generators": """
def items():
    yield 1
if items() is not None:
    1
""",
    "a question of its own": """
def in_package(flag):
    return flag
def probe():
    if in_package(False):
        return 1
    return 2
""",
    "and, or, not": """
def probe(size=1):
    if ("__torch_package__" not in globals() and
            size):  # never
        return 1  # never
    if size or "__torch_package__" not in globals():
        size = 2
    return ("__torch_package__" in globals() or
        size)  # never
""",
    "names and attributes": """
if __name__ == "__main__":
    print(1)  # never
if not __name__.startswith("<torch_package_"):
    print(2)  # never
if "torch_package" not in __name__:
    print(3)  # never
if globals().get("__torch_package__") is None:
    print(4)  # never
""",
    "a variable that a function sets": """
HERE = "__torch_package__" in globals()
def change():
    global HERE
    HERE = False
def probe():
    change()
    if HERE:
        return 1
    return 2
""",
    "a variable that a loop sets": """
def probe():
    here = "__torch_package__" in globals()
    for _ in range(2):
        if here:
            here = False
        else:
            print()
""",
    "a variable that one branch sets": """
def probe(size=1):
    here = True
    if size:
        here = False
    if here:
        return 1
    return 2
""",
    "an assertion": """
def probe():
    try:
        assert "__torch_package__" not in globals()
        return 1  # never
    except AssertionError:
        return 2
""",
    "loops": """
def probe():
    for item in range(2):
        if "__torch_package__" in globals():
            continue
        print(item)  # never
    return 2
""",
    "a lambda": """
probe = lambda: (1 if "__torch_package__" in globals() else
    2)  # never
""",
    "its own variable of that name": """
def probe(__torch_package__=False):
    if __torch_package__:
        return 1
    return 2
""",
}

IMPORTER = SimpleNamespace(load_text=None)


@pytest.mark.parametrize("source", CASES.values(), ids=CASES)
def test_only_what_a_package_does_not_run_is_left_out(source: str) -> None:
    said = {number for number, line in enumerate(source.split("\n"), 1) if line.endswith("# never")}
    found = {line for span in unreached_spans(source, "m", False) for line in range(span.line, span.end_line + 1)}
    assert found == said
    assert found.isdisjoint(_lines_run(source))


def test_a_text_that_does_not_parse_has_none() -> None:
    assert unreached_spans("if not __torch_package__:\n    (\n", "m", False) == ()


def _lines_run(source: str) -> set[int]:
    """Run a source as a package does, and return the lines that are not only entered to define something."""
    lines: set[int] = set()

    def watch(frame: FrameType, event: str, _: object) -> Any:
        if frame.f_code.co_filename != "<case>":
            return None
        if event == "line":
            lines.add(frame.f_lineno)
        return watch

    def imports(name: str, *rest: Any) -> Any:
        return IMPORTER if name == "torch_package_importer" else builtins.__import__(name, *rest)

    namespace: dict[str, Any] = {
        "__name__": "<torch_package_0>.m",
        "__torch_package__": True,
        "__builtins__": {**vars(builtins), "__import__": imports},
    }
    code: CodeType = compile(source, "<case>", "exec")
    before = sys.gettrace()
    sys.settrace(watch)
    try:
        exec(code, namespace)
        if "probe" in namespace:
            namespace["probe"]()
    finally:
        sys.settrace(before)
    return lines
