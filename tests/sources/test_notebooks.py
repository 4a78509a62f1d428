"""Notebooks as Python, and back."""

import ast
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tpkg_analyzer.sources.notebooks import place_in, python_of, with_python


def notebook(*sources: str | None, language: str = "python", indent: int | None = 1) -> bytes:
    """Make a notebook of code cells; None stands for a cell of text."""
    cells = [
        {"cell_type": "markdown", "metadata": {}, "source": ["# é\n"]}
        if source is None
        else {"cell_type": "code", "metadata": {}, "outputs": [], "source": source.splitlines(keepends=True)}
        for source in sources
    ]
    metadata = {"kernelspec": {"language": language, "name": "x"}}
    document = {"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}
    return (json.dumps(document, ensure_ascii=False, indent=indent) + "\n").encode()


def test_code_cells_follow_each_other_with_their_numbers() -> None:
    assert python_of(notebook("import a", None, "a.b()\n")) == b"# %% [cell 1]\nimport a\n# %% [cell 3]\na.b()\n"


@pytest.mark.parametrize(
    ("source", "python"),
    [
        ("%matplotlib inline\nx = 1", "pass  # ipython: %matplotlib inline\nx = 1\n"),
        ("if x:\n    !pip list", "if x:\n    pass  # ipython: !pip list\n"),
        ("files = !ls *.py", "files = None  # ipython: !ls *.py\n"),
        ("torch.save??", "pass  # ipython: torch.save??\n"),
        ("%%time\nf()", "pass  # ipython: %%time\nf()\n"),
        ("%%bash\nls | wc", "# ipython cell: %%bash\n# ipython cell: ls | wc\n"),
        ('x = """\n%s\n!no\n"""', 'x = """\n%s\n!no\n"""\n'),
        ("y = (3\n%x)", "y = (3\n%x)\n"),
    ],
)
def test_what_ipython_adds_is_kept_in_comments(source: str, python: str) -> None:
    made = python_of(notebook(source))
    assert made.decode() == f"# %% [cell 1]\n{python}"
    ast.parse(made)
    assert with_python(notebook(source), made.decode()) == notebook(source)


@pytest.mark.parametrize("indent", [None, 1, 4])
def test_only_a_changed_cell_changes(indent: int | None) -> None:
    before = notebook("%time x\na = 1", None, "b = 1\n", "c = 1", indent=indent)
    text = python_of(before).decode().replace("a = 1", "a = 2").replace("c = 1", "c = 2\nd = 3")
    after = notebook("%time x\na = 2", None, "b = 1\n", "c = 2\nd = 3", indent=indent)
    assert with_python(before, text) == after


def test_what_a_fix_puts_above_belongs_to_the_first_cell() -> None:
    text = "import os\n" + python_of(notebook("a", "b")).decode()
    assert with_python(notebook("a", "b"), text) == notebook("import os\na", "b")


def test_a_text_with_other_cells_is_refused() -> None:
    with pytest.raises(ValueError, match="cells"):
        with_python(notebook("a", "b"), "# %% [cell 1]\na\n")


def test_other_languages_are_empty_and_other_files_do_not_parse() -> None:
    assert python_of(notebook("x <- 1", language="R")) == b""
    for data in (b"{", b"[]", b"{}", b"\xff", b'{"cells": [{"cell_type": "code"}]}', b"[" * 100_000):
        with pytest.raises(SyntaxError):
            ast.parse(python_of(data))


@pytest.mark.parametrize(
    ("data", "wrong"),
    [
        ("[]", "the JSON is not an object"),
        ("{}", "it has no list of `cells`"),
        ('{"cells": null}', "it has no list of `cells`"),
        ('{"cells": [1]}', "cell 1 is not an object"),
        ('{"cells": [{}]}', "cell 1 has no `cell_type`"),
        ('{"metadata": null}', "`metadata` is not an object"),
        ('{"metadata": {"kernelspec": "python3"}}', "`kernelspec` is not an object"),
        *(
            (
                f'{{"cells": [{{"cell_type": "code"{source}}}]}}',
                "the `source` of cell 1 is neither a text nor a list of lines",
            )
            for source in ("", ', "source": null', ', "source": [1]')
        ),
    ],
)
def test_what_is_wrong_is_said_in_words(data: str, wrong: str) -> None:
    assert python_of(data.encode()).decode() == f"not a notebook: {wrong}\n"


def test_places_are_those_of_the_cells() -> None:
    lines = python_of(notebook("a\nb", None, "c")).decode().split("\n")
    found = [place_in(lines, number) for number in range(1, 6)]
    assert [(at.cell, at.line) for at in found if at] == [(1, 1), (1, 1), (1, 2), (3, 1), (3, 1)]
    assert place_in(["x = 1"], 1) is None


@given(st.lists(st.text(alphabet=" \n\t%!?=#'\"ab1(é", max_size=30), max_size=4))
def test_any_notebook_survives_the_way_there_and_back(sources: list[str]) -> None:
    before = notebook(*sources)
    assert with_python(before, python_of(before).decode()) == before
