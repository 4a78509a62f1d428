"""The shapes in which exports are written in the wild, as little repositories, against the real exporter."""

import sys
from pathlib import Path
from typing import Any

import pytest

from tests.scan.exports.habits import HABITS
from tests.scan.exports.recorded import calls_of
from tests.scan.exports.shapes import SHAPES
from tests.scan.exports.sites import SITES, Site
from tpkg_analyzer.model.package import ActionCall, Package, RootKind
from tpkg_analyzer.session.projects import find_projects, open_project
from tpkg_runtime.spec.actions import Action

ALL = [*SITES, *SHAPES, *HABITS]
_SAVES = {RootKind.MODULE: "save_module", RootKind.DEPENDENCY: "add_dependency"}


def packages_in(folder: Path) -> list[Package]:
    return [
        package for project in find_projects([folder]) for package in open_project(project, sys.executable).packages
    ]


def calls_in(package: Package) -> list[Any]:
    """Return the known calls in the words of the recording."""
    calls: list[Any] = []
    for step in package.steps[: package.known_steps]:
        if isinstance(step, ActionCall):
            calls.append([step.action.value, list(step.include), list(step.exclude), step.allow_empty])
        elif step.kind is RootKind.PICKLE:
            calls.append(["save_pickle", step.module, step.resource, sorted({module for module, _ in step.globals})])
        elif step.kind in _SAVES:
            calls.append([_SAVES[step.kind], step.module])
        elif step.kind is RootKind.SOURCE:
            calls.append(["save_source_*", step.module])
        else:
            calls.append(["save_*", step.module])
    return calls


def worded(calls: list[Any]) -> list[Any]:
    """Return recorded calls in the words of a prediction, which does not say which method saved a text."""
    short = {"save_text": "save_*", "save_binary": "save_*"}
    short |= {"save_source_string": "save_source_*", "save_source_file": "save_source_*"}
    return [[short.get(call[0], call[0]), *call[1:]] for call in calls]


@pytest.fixture(scope="module")
def recorded_calls(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The calls of all sites, by their names."""
    folders = [tmp_path_factory.mktemp("recorded") for _ in ALL]
    for site, folder in zip(ALL, folders, strict=True):
        site.write(folder)
    recorded = calls_of([(folder, site.script) for site, folder in zip(ALL, folders, strict=True)])
    return {site.name: calls for site, calls in zip(ALL, recorded, strict=True)}


@pytest.mark.torch
@pytest.mark.parametrize("site", ALL, ids=lambda site: site.name)
def test_the_calls_are_those_that_the_exporter_gets(site: Site, tmp_path: Path, recorded_calls: dict[str, Any]) -> None:
    site.write(tmp_path)
    packages = packages_in(tmp_path)
    recorded = sorted(worded(calls) for calls in recorded_calls[site.name])
    predicted = sorted(calls_in(package) for package in packages)
    assert [bool(package.unknown) for package in packages] == [bool(site.unknown)] * len(packages)
    assert len(predicted) == len(recorded)
    for package, known, real in zip(packages, predicted, recorded, strict=True):
        assert known == (real[: len(known)] if package.is_open else real)
        saved = {(call[1], call[2]): call[3] for call in real if call[0] == "save_pickle"}
        for root in package.roots:
            if root.kind is RootKind.PICKLE and root.certain_globals:
                assert {module for module, _ in root.certain_globals} <= set(saved[root.module, root.resource])


def test_what_is_certain_of_a_pickle_is_known(tmp_path: Path) -> None:
    site = next(site for site in SHAPES if site.name == "an object of which something is not known")
    site.write(tmp_path)
    (package,) = packages_in(tmp_path)
    (root,) = package.roots
    assert ("doubtful", "Doubtful") in root.certain_globals
    assert ("doubtful", "Layer") in root.certain_globals
    assert ("builtins", "frozenset") not in root.certain_globals
    assert ("doubtful", "Other") not in root.certain_globals


@pytest.mark.parametrize("site", [site for site in ALL if site.unknown], ids=lambda site: site.name)
def test_what_is_not_known_is_named(site: Site, tmp_path: Path) -> None:
    site.write(tmp_path)
    (package,) = packages_in(tmp_path)
    assert [item.expression for item in package.unknown] == list(site.unknown)


def test_a_pattern_stands_at_its_string_in_another_module(tmp_path: Path) -> None:
    (tmp_path / "lists.py").write_text('OUTSIDE = ["numpy.**",\n           "scipy.**"]\n', encoding="utf-8")
    (tmp_path / "export.py").write_text(
        "from torch.package import PackageExporter as Exporter\nfrom lists import OUTSIDE\n\n"
        'with Exporter("é.pt") as e: e.extern(["é", *OUTSIDE])\n',
        encoding="utf-8",
    )
    (package,) = packages_in(tmp_path)
    (call,) = package.actions
    places = [(place.path.name if place.path else "", place.span.line, place.span.column) for place in call.places]
    assert places == [("export.py", 4, 39), ("lists.py", 1, 12), ("lists.py", 2, 12)]


def test_endless_code_is_open_and_ends(tmp_path: Path) -> None:
    text = (
        "from torch.package import PackageExporter\n\n\ndef deeper(exporter, n):\n    deeper(exporter, n + 1)\n"
        '    exporter.intern(f"m{n}")\n\n\nwith PackageExporter("a.pt") as exporter:\n    deeper(exporter, 0)\n'
    )
    (tmp_path / "export.py").write_text(text, encoding="utf-8")
    (package,) = packages_in(tmp_path)
    assert package.is_open


def test_the_script_is_taken_in_under_the_name_that_it_runs_with(tmp_path: Path) -> None:
    text = (
        "import json\nfrom torch.package import PackageExporter\n\n\nclass Own:\n    pass\n\n\n"
        'with PackageExporter("a.pt") as e:\n    e.intern("__main__")\n    e.save_pickle("p", "o.pkl", Own())\n'
    )
    (tmp_path / "export.py").write_text(text, encoding="utf-8")
    (project,) = find_projects([tmp_path])
    (closure,) = open_project(project, sys.executable).closures
    assert closure.with_action(Action.INTERN) == ["__main__"]
    assert closure.modules["__main__"].depends_on == ("json", "torch.package")
