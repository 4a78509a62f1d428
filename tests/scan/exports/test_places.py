"""Each finding stands at the argument that causes it, wherever the code has put that: in a list, a loop, a module."""

from pathlib import Path

import pytest

from tests.rules.scenarios import findings_in
from tests.scan.exports.sites import Site
from tpkg_analyzer.model.diagnostic import Diagnostic

_HEAD = (
    "import sys\n\nimport names\nfrom torch.package import PackageExporter, PackageImporter\n\n"
    "from net.model import Net\n\n"
)
_TELL = {
    "a text": ("", "e.{verb}({text}{rest})"),
    "a list": ("", "e.{verb}(['zz.**', {text}]{rest})"),
    "a list by name": ("", "e.{verb}(include=['zz.**', {text}]{rest})"),
    "a variable": ("NAMES = ['zz.**', {text}]\n", "e.{verb}(NAMES{rest})"),
    "a sum": ("NAMES = ['zz.**'] + [{text}]\n", "e.{verb}([*NAMES, 'yy.**']{rest})"),
    "a loop": ("", "for name in ('zz.**', {text}): e.{verb}(name{rest})"),
    "a table": ("RULES = {{'{verb}': ['zz.**', {text}]}}\n", "for k, v in RULES.items(): getattr(e, k)(v{rest})"),
    "a constant of another module": ("", "e.{verb}(['zz.**', names.ONE]{rest})"),
    "a list of another module": ("", "e.{verb}(names.MANY{rest})"),
}
# What comes before the pattern, its action and text, what else the call gives, what comes after.
_PATTERNS = {
    "TPK121": ("e.intern('**')", "extern", '"numpy.**"', "", "e.save_module('net.model')"),
    "TPK122": ("e.intern('net.**')", "mock", '"json.**"', "", "e.save_module('net.model')"),
    "TPK123": ("e.intern('net.**')", "extern", '"gone**"', "", "e.save_module('net.model')"),
    "TPK124": ("pass", "intern", '"net"', "", "e.save_module('net.model')"),
    "TPK126": ("e.intern(['net.root', 'net.parts'])", "extern", '"net"', "", "e.save_module('net.root')"),
    "TPK127": ("e.save_module('net.model')", "intern", '"net.**"', "", "pass"),
    "TPK128": ("e.intern('net.**')", "extern", '"ghost.**"', "", "e.save_module('net.lost')"),
}


def _write(folder: Path, text: str, names: str = "") -> None:
    lost = "try:\n    import ghost\nexcept ImportError:\n    ghost = None\n"
    own = "class Own:\n    def __init__(self):\n        self.call = lambda: 1\n"
    files = {"net/lost.py": lost, "net/own.py": own, "net/root.py": "import net\nimport net.parts\n"}
    Site("", {"export.py": _HEAD + text, "names.py": names, **files}).write(folder)


def _marked(finding: Diagnostic) -> str:
    """Return the text that a finding stands at."""
    assert finding.path is not None
    lines, span = finding.path.read_text(encoding="utf-8").split("\n"), finding.span
    if span.line != span.end_line:
        return "(lines)"
    return lines[span.line - 1][span.column - 1 : span.end_column - 1]


@pytest.mark.parametrize("shape", _TELL)
@pytest.mark.parametrize("code", _PATTERNS)
def test_a_finding_about_a_pattern_stands_at_its_text(code: str, shape: str, tmp_path: Path) -> None:
    before, verb, text, rest, after = _PATTERNS[code]
    above, call = (part.format(verb=verb, text=text, rest=rest) for part in _TELL[shape])
    names = f"ONE = {text}\nMANY = ['zz.**', {text}]\n" if "another module" in shape else ""
    _write(tmp_path, f"{above}with PackageExporter('a.pt') as e:\n    {before}\n    {call}\n    {after}\n", names)
    found = [item for item in findings_in(tmp_path) if item.code == code]
    assert text in {_marked(item) for item in found}
    assert all(item.path.name == ("names.py" if names else "export.py") for item in found if _marked(item) == text)


@pytest.mark.parametrize("shape", _TELL)
def test_an_empty_match_stands_at_the_first_text_of_its_call(shape: str, tmp_path: Path) -> None:
    above, call = (part.format(verb="mock", text='"gone"', rest=", allow_empty=False") for part in _TELL[shape])
    names = "ONE = 'gone'\nMANY = ['zz.**', 'gone']\n" if "another module" in shape else ""
    body = f"    e.intern('net.**')\n    {call}\n    e.save_module('net.model')\n"
    _write(tmp_path, f"{above}with PackageExporter('a.pt') as e:\n{body}", names)
    found = [item for item in findings_in(tmp_path) if item.code == "TPK125"]
    assert _marked(found[0]) == ('"gone"' if shape == "a text" else "'zz.**'")


_WITH = "with PackageExporter('a.pt') as e:\n    e.intern('**')\n    e.extern('sys')\n    "
_OTHERS = {
    # code, what stands above the exporter and in its block, what is marked
    "a class of the script": (
        "TPK501",
        "class Own:\n    pass\n\n\n",
        "e.save_pickle('p', 'o.pkl', Own())",
        "Own()",
    ),
    "a class of the script by name": (
        "TPK501",
        "class Own:\n    pass\n\n\n",
        "e.save_pickle(obj=Own(), package='p', resource='o.pkl')",
        "Own()",
    ),
    "a lambda in an object": (
        "TPK502",
        "from net.own import Own\n\n",
        "e.save_pickle('p', 'o.pkl', Own())",
        "lambda: 1",
    ),
    "a package that is a module": (
        "TPK503",
        "",
        "e.save_module('net.model'); e.save_text('net.model', 'a.txt', '')",
        "'net.model'",
    ),
    "a package that is a module, from a variable": (
        "TPK503",
        'WHERE = "net.model"\n',
        "e.save_module('net.model'); e.save_text(WHERE, 'a.txt', '')",
        '"net.model"',
    ),
    "a package that is a module, by name": (
        "TPK503",
        "",
        "e.save_module('net.model'); e.save_text(text='', resource='a.txt', package=\"net.model\")",
        '"net.model"',
    ),
    "the same resource": ("TPK504", "", "e.save_text('p', 'a.txt', ''); e.save_text('p', \"a.txt\", '')", '"a.txt"'),
    "the same resource in a loop": (
        "TPK504",
        "",
        "for name in ('a.txt', \"a.txt\"): e.save_text('p', name, '')",
        '"a.txt"',
    ),
    "a resource that is code": ("TPK505", "", "e.save_text('p', resource=\"a.py\", text='')", '"a.py"'),
    "a resource that is code, in a list": (
        "TPK505",
        "ALL = ['b', \"a.py\"]\n",
        "[e.save_text('p', n, '') for n in ALL]",
        '"a.py"',
    ),
    "a resource that is code, from a template": (
        "TPK505",
        "",
        "e.save_text(text='', package='p', resource='.'.join(['a', 'py']))",
        "'a'",
    ),
    "a package that is a module, from a template": (
        "TPK503",
        "TOP = 'net'\n",
        "e.save_module(f'{TOP}.model'); e.save_text(text='', package=f'{TOP}.model', resource='a.txt')",
        "'net'",
    ),
    "a pattern that never decides, from a template": (
        "TPK121",
        "",
        "e.mock(include='-'.join(['a', 'b']))",
        "'a'",
    ),
    "a module that is not there": ("TPK114", "", "e.save_module(dependencies=True, module_name='gone')", "'gone'"),
    "a module that is not there, from a list": (
        "TPK114",
        "ALL = ['net', \"gone\"]\n",
        "[e.save_module(n) for n in ALL]",
        '"gone"',
    ),
    "a file that is given as a list": ("TPK133", "", "PackageExporter(f=['b.pt']).close()", "['b.pt']"),
    "an exporter that stays open": (
        "TPK132",
        "",
        "PackageExporter('b.pt').save_text('p', 't', '')",
        "PackageExporter('b.pt')",
    ),
    "a call after the end": ("TPK132", "", "e.close(); e.save_module('net')", "e.save_module('net')"),
    "a file of a package that is not there": (
        "TPK506",
        "LOST = 'b.txt'\nPackageImporter('a.pt').load_text('p', LOST)\n",
        "e.save_text('p', 'a.txt', '')",
        "LOST",
    ),
    "a pattern from outside": ("TPK004", "", "e.extern(['numpy.**', sys.argv[1]])", "sys.argv[1]"),
    "a removed method": ("TPK131", "", "e.extern_modules(['numpy'])", "extern_modules"),
    "a removed keyword": ("TPK131", "", "PackageExporter('b.pt', verbose=False).close()", "verbose=False"),
    "a refused protocol": ("TPK511", "", "e.save_pickle('p', 'o.pkl', [], pickle_protocol=2)", "2"),
    "an importer that is a module": (
        "TPK133",
        "importer = PackageImporter('old.pt')\n",
        "PackageExporter('b.pt', importer=[sys, importer]).close()",
        "sys",
    ),
    "an object of a package": (
        "TPK509",
        "old = PackageImporter('old.pt').load_pickle('p', 'o.pkl')\n",
        "e.save_pickle('p', 'o.pkl', old)",
        "old",
    ),
    "a mocked class": ("TPK512", "", "e.save_pickle('p', 'o.pkl', Net())", "Net()"),
    "a temporary": (
        "TPK508",
        "class Own:\n    def __reduce_package__(self, exporter):\n        return Own, ()\n\n\n",
        "e.save_pickle('p', 'o.pkl', Own())",
        "Own()",
    ),
}


@pytest.mark.parametrize("name", _OTHERS)
def test_a_finding_about_an_argument_stands_at_it(name: str, tmp_path: Path) -> None:
    code, above, call, marked = _OTHERS[name]
    block = _WITH.replace("e.intern('**')", "e.mock('net.**')") if code == "TPK512" else _WITH
    _write(tmp_path, f"{above}{block}{call}\n")
    found = [item for item in findings_in(tmp_path) if item.code == code]
    assert {_marked(item) for item in found} == {marked}
