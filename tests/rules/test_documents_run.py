"""The scripts in the documents of the rules run with the real torch.package, as far as they are meant to."""

import inspect
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.rules.scenarios import Scenario, scenarios_in
from tpkg_analyzer.rule.registry import all_rules

SECTIONS = {
    f"{rule.name}: {section.title}": section
    for rule in all_rules()
    for section in scenarios_in(inspect.getdoc(type(rule)) or "")
    if section.title in ("Example", "Use instead")
}
LOADED = re.compile(r'PackageImporter\("(?P<path>\w+\.pt)"')
PICKLE = re.compile(r'(?:load|save)_pickle\("(?P<package>[\w.]+)"')

OUTSIDE = {"untrusted-package: Use instead"}
"""What needs more than a page holds: here a download."""

RAISED = {
    "isinstance-across-packages: Example": "AssertionError",
    "except-across-packages: Example": "<torch_package_0>.model.EmptyInput",
    "type-comparison: Example": "AssertionError",
    "type-dispatch: Example": "KeyError: <class '<torch_package_0>.model.Net'>",
    "unknown-resource: Example": "failed locating file net/net.pkl",
    "packaged-object-escapes: Example": "PicklingError",
}
"""How the examples end that load something."""

RUN = {
    name: RAISED.get(name)
    for name, section in SECTIONS.items()
    if section.files.keys() & {"export.py", "serve.py"}
    and name not in OUTSIDE
    and (name in RAISED or section.title == "Use instead")
}


@pytest.mark.parametrize("section", [pytest.param(section, id=name) for name, section in SECTIONS.items()])
def test_nothing_is_pickled_into_the_name_of_a_module(section: Scenario) -> None:
    modules = {name.removesuffix(".py").replace("/", ".") for name in section.files}
    named = {found["package"] for text in section.files.values() for found in PICKLE.finditer(text)}
    # Of this the one page is.
    assert not modules & named or section is SECTIONS["resource-collision: Example"]


@pytest.mark.slow
@pytest.mark.torch
@pytest.mark.parametrize("name", RUN)
def test_the_scripts_of_a_document_run(name: str, tmp_path: Path) -> None:
    section = SECTIONS[name]
    section.write(tmp_path)
    script = "serve.py" if "serve.py" in section.files else "export.py"
    if script == "serve.py" and "export.py" in section.files:
        assert ran(tmp_path, "export.py") == ""
    else:
        for found in LOADED.finditer(section.files[script]):
            (tmp_path / "before.py").write_text(exporting(found["path"], section), encoding="utf-8")
            assert ran(tmp_path, "before.py") == ""
    raised = ran(tmp_path, script)
    assert (RUN[name] or "") in raised
    assert bool(raised) is bool(RUN[name])


def exporting(path: str, section: Scenario) -> str:
    """Return a script that writes the archive that a section loads and does not show the making of."""
    home = next((name.removesuffix(".py") for name, text in section.files.items() if "class Net" in text), None)
    saved = f"__import__('{home}').Net()" if home is not None else "{'size': 3}"
    lines = [f"exporter.save_pickle('net', '{pickle}.pkl', {saved})" for pickle in ("net", "a", "b")]
    body = "\n".join(f"    {line}" for line in ["exporter.intern('**')", *lines])
    return f"from torch.package import PackageExporter\nwith PackageExporter('{path}') as exporter:\n{body}\n"


def ran(folder: Path, script: str) -> str:
    """Run a script in a process of its own; return the end of what it raises, nothing where it ends well."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    done = subprocess.run(
        [sys.executable, "-W", "ignore", script],
        cwd=folder,
        env=environment,
        capture_output=True,
        encoding="utf-8",
        timeout=300,
        check=False,
    )
    return done.stderr.rstrip("\n").split("\n")[-1] or "ended" if done.returncode else ""
