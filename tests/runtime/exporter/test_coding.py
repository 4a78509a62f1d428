"""The coding of sources that are written."""

from pathlib import Path

import pytest

from tpkg_runtime.exporter.coding import read_source, with_utf8_cookie


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("# -*- coding: latin-1 -*-\nx = 1\n", "# -*- coding: utf-8 -*-\nx = 1\n"),
        (
            "#!/usr/bin/python\n# vim: set fileencoding=cp1252 :\n",
            "#!/usr/bin/python\n# vim: set fileencoding=utf-8 :\n",
        ),
        ("\n# coding: koi8-r", "\n# coding: utf-8"),
        ("x = 1\n# coding: latin-1\n", "x = 1\n# coding: latin-1\n"),
        ("\n\n# coding: latin-1\n", "\n\n# coding: latin-1\n"),
        ('"""coding: latin-1"""\n', '"""coding: latin-1"""\n'),
        ("", ""),
    ],
)
def test_cookies(source: str, expected: str) -> None:
    """Where PEP 263 looks for them, and nowhere else."""
    assert with_utf8_cookie(source) == expected


@pytest.mark.parametrize("coding", ["latin-1", "utf-8", "utf-8-sig", "cp1252"])
def test_files(coding: str, tmp_path: Path) -> None:
    """Read in the coding that they declare, or that their first bytes tell."""
    cookie = "" if coding.startswith("utf") else f"# coding: {coding}\n"
    (tmp_path / "x.py").write_bytes(f"{cookie}NAME = 'é'\n".encode(coding))
    assert read_source(tmp_path / "x.py") == f"{cookie}NAME = 'é'\n"


def test_unknown_codings(tmp_path: Path) -> None:
    """As Python says it."""
    (tmp_path / "x.py").write_bytes(b"# coding: klingon\n")
    with pytest.raises(SyntaxError, match="klingon"):
        read_source(tmp_path / "x.py")
