"""What may leave a block, and what may be raised in it, is believed of no code behind it: as real imports show."""

import textwrap
from collections.abc import Iterator

import pytest

from tests.scan.imported import Modules

_START = """\
import contextlib, importlib, importlib.util, os
if os.environ.get("UNSET"):
    maybe = 1
yes, no = os.environ.get("PATH"), os.environ.get("UNSET")
def items():
    return os.environ.get("PATH").split(":")
class Thing: ...
class Swallowing:
    def __enter__(self): ...
    def __exit__(self, *raised):
        return True
"""
# Code that raises, and of which it is not known.
_RAISING = {
    "a name that may be bound": ("maybe", "NameError"),
    "a branch": ("if no:\n    raise KeyError\nif yes:\n    raise ValueError", "(KeyError, ValueError)"),
    "a branch in a loop": ("for item in items():\n    if item:\n        raise ValueError", "ValueError"),
    "an item": ("items()[9999]", "IndexError"),
    "a variable": ("found = os.environ['UNSET']", "KeyError"),
    "a number": ("int(yes)", "(TypeError, ValueError)"),
    "an import that fails": ("import not_there_at_all", "ImportError"),
}
_BEHIND = {
    "else": "try:\n{body}\nexcept {error}:\n    pass\nelse:\n    import gone",
    "a flag": "flag = True\ntry:\n{body}\nexcept {error}:\n    flag = False\nif flag:\n    import gone",
    "a flag that is set": (
        "flag = False\ntry:\n{body}\n    flag = True\nexcept {error}:\n    pass\nif flag:\n    import gone"
    ),
    "the body": "try:\n{body}\n    import gone\nexcept {error}:\n    pass",
    "continue": "for round in (1, 2):\n    try:\n{inner}\n    except {error}:\n        continue\n    import gone",
    "break": "while True:\n    try:\n{inner}\n    except {error}:\n        break\n    import gone",
    "break and else": (
        "for round in (1,):\n    try:\n{inner}\n    except {error}:\n        break\nelse:\n    import gone"
    ),
    "suppressed": "with contextlib.suppress({error}):\n{body}\n    import gone",
    "a flag suppressed": (
        "flag = False\nwith contextlib.suppress({error}):\n{body}\n    flag = True\nif flag:\n    import gone"
    ),
    "an outer handler": (
        "try:\n    try:\n{inner}\n    finally:\n        done = 1\n    import gone\nexcept {error}:\n    done"
    ),
}
_RETURNING = {
    "return": "try:\n{body}\nexcept {error}:\n    return\nimport gone",
    "return of something": "try:\n{body}\nexcept {error}:\n    return False\nreturn True",
    "return in the body": "try:\n{body}\n    return True\nexcept {error}:\n    return False",
}
# Loops that end before their end, which is not known.
_ENDING = {
    "break": "for item in items():\n    if item:\n        {leave}",
    "known items": "for item in (1, 2, 3):\n    if yes:\n        {leave}",
    "continue": "for item in items():\n    if no:\n        continue\n    {leave}",
    "while": "while yes:\n    if yes:\n        {leave}",
    "while true": "while True:\n    if yes:\n        {leave}",
    "in a handler": "for item in items():\n    try:\n        maybe\n    except NameError:\n        {leave}",
}
_BEHIND_LOOP = {
    "else": ("{loop}\nelse:\n    import gone", "break"),
    "a flag": ("flag = False\n{loop}\nif not flag:\n    import gone", "flag = True; break"),
    "a flag in else": ("flag = False\n{loop}\nelse:\n    flag = True\nif flag:\n    import gone", "break"),
}
_RETURNING_LOOP = {
    "a return": "{loop}\nimport gone",
    "a return and else": "{loop}\nelse:\n    import gone",
    "a return in with": "with open(__file__) as file:\n{body}\n    import gone",
    "a return in try": "try:\n{body}\nfinally:\n    done = 1\nimport gone",
}
_GENERATORS = {
    "any": "any(importlib.import_module(name) for name in ('json', 'not_there'))",
    "all": "all(not importlib.import_module(name) for name in ('json', 'not_there'))",
    "next": "next(importlib.import_module(name) for name in ('json', 'not_there'))",
    "any that is not known": "any(yes or importlib.import_module(name) for name in ('json', 'not_there'))",
    "next that is filtered": (
        "found = next((name for name in ('not_there', 'json') if importlib.util.find_spec(name)), None)\n"
        "if found != 'json':\n    import gone"
    ),
    "a second test": "[name for name in ('json', 'not_there') if name == 'json' if importlib.import_module(name)]",
    "what it binds": "if any((last := name) == 'a' for name in 'ab'): pass\nif last == 'b':\n    import gone",
}
_OWN_NAMES = {
    "a branch": "if no:\n    name = 1",
    "a loop": "for name in ():\n    pass",
    "an import": "if no:\n    import json as name",
    "a handler": "try:\n    pass\nexcept ValueError as name:\n    pass",
    "del": "name = 1\ndel name",
}

# What is changed, how, and how that shows.
_CHANGES = {
    "a name": ("x = 0", "x = 1", "x"),
    "an import": ("x = None", "import json as x", "x"),
    "a list": ("x = []", "x.append(1)", "x"),
    "a slice": ("x = []", "x[:] = [1]", "x"),
    "an item": ("x = [0]", "x[0] = 1", "x[0]"),
    "a key": ("x = {}", "x['a'] = 1", "'a' in x"),
    "a key that goes": ("x = {'a': 1}", "x.pop('a', None)", "'a' not in x"),
    "a set": ("x = set()", "x.add(1)", "1 in x"),
    "an inner list": ("x = {'a': []}", "x['a'].append(1)", "x['a']"),
    "an attribute": ("x = Thing()", "x.a = 1", "hasattr(x, 'a')"),
    "an attribute by its dictionary": ("x = Thing(); x.a = 0", "x.__dict__['a'] = 1", "x.a"),
    "a variable": ("os.environ.pop('UNSET_YET', None)", "os.environ['UNSET_YET'] = '1'", "os.environ.get('UNSET_YET')"),
}
# Where that is done under some condition, and where it is not done for it.
_DONE = {
    "branch": "if yes:\n{change}",
    "nested branches": "if yes:\n    for item in items():\n{change2}",
    "else": "if not yes:\n    pass\nelse:\n{change}",
    "while": "while yes:\n{change}\n    break",
    "match": "match yes:\n    case str():\n{change2}",
    "handler": "try:\n    if yes:\n        raise ValueError\nexcept ValueError:\n{change}",
    "function": "def g():\n    {declared}\n    if not yes:\n        return\n{change}\ng()",
    "call": "def g():\n    {declared}\n{change}\nyes and g()",
    "choice": "def g():\n    {declared}\n{change}\nh = g if yes else str\nh()",
    "class method": (
        "class C:\n    @classmethod\n    def g(cls):\n        {declared}\n        if yes:\n{change3}\nC.g()"
    ),
}
_NOT_DONE = {
    "branch": "if not yes:\n{change}",
    "break": "for item in (1, 2):\n    if yes:\n        break\n{change}",
    "raise": "try:\n    if yes:\n        raise ValueError\n{change}\nexcept ValueError:\n    pass",
    "raise before else": "try:\n    if yes:\n        raise ValueError\nexcept ValueError:\n    pass\nelse:\n{change}",
    "suppressed": "with contextlib.suppress(ValueError):\n    if yes:\n        raise ValueError\n{change}",
    "swallowed": "with Swallowing():\n    if yes:\n        raise ValueError\n{change}",
}


def _in_function(source: str) -> str:
    return f"def f():\n{textwrap.indent(source, '    ')}\nresult = f()\nif result is True:\n    import gone\n"


def _sources() -> Iterator[tuple[str, str]]:
    for what, (code, error) in _RAISING.items():
        body, inner = (textwrap.indent(code, " " * columns) for columns in (4, 8))
        for where, shape in {**_BEHIND, **_RETURNING}.items():
            source = shape.format(body=body, inner=inner, error=error)
            if where in _BEHIND:
                yield f"{what}, {where}", source
            yield f"{what}, {where}, in a function", _in_function(source)
    for what, loop in _ENDING.items():
        for where, (shape, leave) in _BEHIND_LOOP.items():
            source = shape.format(loop=loop.format(leave=leave))
            yield f"loop, {what}, {where}", source
            yield f"loop, {what}, {where}, in a function", _in_function(source)
        returning = loop.format(leave="return False")
        for where, shape in _RETURNING_LOOP.items():
            source = shape.format(loop=returning, body=textwrap.indent(returning, "    "))
            yield f"loop, {what}, {where}", _in_function(source)
    for what, (start, code, shows) in _CHANGES.items():
        changes = {f"change{n or ''}": textwrap.indent(code, " " * 4 * max(n, 1)) for n in (0, 2, 3)}
        declared = "global x" if start.startswith("x") else "pass"
        for shapes, test in ((_DONE, f"not ({shows})"), (_NOT_DONE, shows)):
            for where, shape in shapes.items():
                if not (
                    declared == "pass" and where in {"choice", "class method"}
                ):  # environments are not looked after
                    changed = shape.format(declared=declared, **changes)
                    yield f"{what}, {where}, {test}", f"{start}\n{changed}\nif {test}:\n    import gone"
    for what, source in _GENERATORS.items():
        yield f"generator, {what}", source
        yield f"generator, {what}, in a function", _in_function(source)
    for what, source in _OWN_NAMES.items():
        used = f"{source}\ntry:\n    name\nexcept NameError:\n    return False\nreturn True"
        yield f"own name, {what}", f"name = 2\n{_in_function(used)}"


MODULES = {name: _START + source + "\n" for name, source in _sources()}


@pytest.fixture(scope="module")
def modules(tmp_path_factory: pytest.TempPathFactory) -> Modules:
    return Modules(tmp_path_factory.mktemp("flow"), MODULES.values())


def test_they_work(modules: Modules) -> None:
    assert modules.failures() == ""


@pytest.mark.parametrize(("number", "name"), list(enumerate(MODULES)), ids=MODULES)
def test_they_are_told_to_work(number: int, name: str, modules: Modules) -> None:
    assert modules.told(number) is None, MODULES[name]
