"""The page about the server is in step with the server."""

from tests.house.tree import ROOT
from tpkg_server.reference import page


def test_page_is_current() -> None:
    """The message of a failure is the command that mends it."""
    committed = ROOT / "docs" / "reference" / "language-server.md"
    command = "python -m tpkg_server.reference > docs/reference/language-server.md"
    assert committed.read_text(encoding="utf-8") == page(), f"run:  {command}"


def test_page_tells_what_things_do() -> None:
    """No setting and no command without a word about it."""
    rows = [line for line in page().split("\n") if line.startswith("| `")]
    assert len(rows) > 10
    assert [row for row in rows if row.endswith("|  |")] == []
