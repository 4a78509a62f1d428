"""The editor and the command line find the same, whatever was typed in between."""

import random
import shutil
import sys
from pathlib import Path

import pytest

from tests.house.tree import ROOT
from tests.rules.scenarios import findings_in, scenarios_in
from tpkg_analyzer.model.diagnostic import Diagnostic
from tpkg_analyzer.session.change import Change
from tpkg_analyzer.session.live import Live
from tpkg_analyzer.session.preferences import Preferences
from tpkg_server.board import Board
from tpkg_server.worker.answers import answer
from tpkg_server.worker.questions import LookAtFile, Settle

PAGES = sorted((ROOT / "tests" / "rules").glob("*.md"))
FEW = {"no-action", "host-import", "syntax-error"}


def seen_in(live: Live, folder: Path) -> set[Diagnostic]:
    """Return all that an editor would show of a folder."""
    board = Board()
    roots = {live.project_of(path).config.root: path for path in live.files_below(folder)}
    for path in roots.values():
        view = answer(Settle(path), live)
        board.put_project(view, {})  # type: ignore[arg-type]  # the type of an answer is known to who asks
    for path in live.files_below(folder):
        board.put_file(answer(LookAtFile(path), live), None)  # type: ignore[arg-type]  # likewise
    return {finding for path in board.paths() for finding in board.of(path, None)}


def editor_on(folder: Path) -> Live:
    """Return the projects of an editor that works in a folder."""
    live = Live(Preferences(python=sys.executable))
    live.change(Change(roots=(str(folder),)))
    return live


@pytest.mark.parametrize("name", ["sentiment", "clean"])
def test_examples(name: str, tmp_path: Path) -> None:
    """On the example projects."""
    folder = tmp_path / name
    shutil.copytree(ROOT / "examples" / name, folder)
    assert seen_in(editor_on(folder), folder) == set(findings_in(folder))


@pytest.mark.parametrize("page", [page for page in PAGES if page.stem in FEW], ids=lambda page: page.stem)
def test_few_rule_pages(page: Path, tmp_path: Path) -> None:
    """On the projects of one rule of each family."""
    check_page(page, tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("page", [page for page in PAGES if page.stem not in FEW], ids=lambda page: page.stem)
def test_all_rule_pages(page: Path, tmp_path: Path) -> None:
    """On the projects of all others."""
    check_page(page, tmp_path)


def check_page(page: Path, tmp_path: Path) -> None:
    """Compare on each project of a page: opened as it is, and reached by edits from something else."""
    live = editor_on(tmp_path)
    for number, scenario in enumerate(scenarios_in(page.read_text(encoding="utf-8"))):
        folder = tmp_path / str(number)
        folder.mkdir()
        scenario.write(folder)
        live.change(Change(disk=True, roots=(str(folder),)))
        wanted = set(findings_in(folder))
        assert seen_in(live, folder) == wanted, scenario.title
        sources = {str(folder / path): text for path, text in scenario.files.items() if path.endswith(".py")}
        live.change(Change({path: "import torch\n\n" + text.partition("\n")[2] for path, text in sources.items()}))
        seen_in(live, folder)
        live.change(Change(sources))
        if "TPK001" in {finding.code for finding in wanted}:
            live.change(Change(dict.fromkeys(sources)))  # an open file that does not parse is what it was before
        assert seen_in(live, folder) == wanted, f"{scenario.title}, after edits"
        live.change(Change(dict.fromkeys(sources)))


def test_random_edits(tmp_path: Path) -> None:
    """Lines come and go, files do not parse for a while; when all is as on disk again, so are the findings."""
    folder = tmp_path / "sentiment"
    shutil.copytree(ROOT / "examples" / "sentiment", folder)
    wanted = set(findings_in(folder))
    live = editor_on(folder)
    chance = random.Random(7)
    texts = {path: path.read_text(encoding="utf-8") for path in live.files_below(folder)}
    now = dict(texts)
    for step in range(60):
        path = chance.choice(list(texts))
        now[path] = edited(now[path], texts[path], chance)
        live.change(Change({str(path): now[path]}))
        live.check(path)
        if step % 12 == 0:
            seen_in(live, folder)
    live.change(Change({str(path): text for path, text in texts.items()}))
    assert seen_in(live, folder) == wanted
    live.change(Change({str(path): None for path in texts}))
    assert seen_in(live, folder) == wanted


def edited(text: str, original: str, chance: random.Random) -> str:
    """Return a text after one more edit."""
    lines = text.split("\n")
    at = chance.randrange(len(lines))
    return chance.choice(
        [
            "\n".join(lines[:at] + lines[at + 1 :]),
            "\n".join([*lines[:at], "import sys, os.path", *lines[at:]]),
            "\n".join([*lines[:at], 'x = "😀\x0c\u2028"', *lines[at:]]),
            "\n".join([*lines[:at], "def (", *lines[at:]]),
            text.replace("\n", "\r\n", at),
            original,
        ]
    )
